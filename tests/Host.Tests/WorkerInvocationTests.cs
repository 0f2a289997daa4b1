using System.Net;
using System.Text.Json;
using Lookup.Host.Tests.Driver;
using Lookup.Host.Tests.Driver.Worker.Messages;
using Status = Lookup.Host.Tests.Driver.Worker.Messages.StatusResult.Types.Status;

namespace Lookup.Host.Tests;

/// <summary>Tests of invocations that the Functions host sends to the published app as an isolated worker.</summary>
public sealed class WorkerInvocationTests(WorkerOnStore worker) : IClassFixture<WorkerOnStore>
{
    [Fact]
    public void Worker_reports_that_it_handles_canceled_invocations_and_termination()
    {
        foreach (var capability in (string[])["HandlesInvocationCancelMessage", "HandlesWorkerTerminateMessage"])
            Assert.Equal(bool.TrueString, worker.Driver.Initialized.Capabilities.GetValueOrDefault(capability));
    }

    [Fact]
    public async Task Worker_responds_to_a_status_request_and_is_ready()
    {
        var status = await worker.Driver.Stream.ExchangeAsync(new StreamingMessage { WorkerStatusRequest = new WorkerStatusRequest() });
        Assert.NotNull(status.WorkerStatusResponse);

        using var ready = await worker.Driver.CallAsync(HttpMethod.Get, "health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    /// <summary>A placeholder that has loaded the app has applied the settings before, and sends the message on.</summary>
    [Fact]
    public async Task Settings_that_come_later_get_the_capabilities_again_and_change_nothing()
    {
        var reloaded = await worker.Driver.ReloadEnvironmentAsync(("CosmosConnection", "invalid"), ("Lookup__MaxStaleness", "never"));

        Assert.Equal(Status.Success, reloaded.Result.Status);
        Assert.Equal(worker.Driver.Initialized.Capabilities, reloaded.Capabilities);
        using var ready = await worker.Driver.CallAsync(HttpMethod.Get, "health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
    }

    [Fact]
    public void Entries_of_the_log_reach_the_host_on_the_stream_and_not_on_the_console()
    {
        Assert.Single(worker.Driver.Stream.Logs, log => log.Category == "Lookup.Functions" && log.EventId == "Configured");
        Assert.Empty(worker.Driver.Process.Lines);
    }

    [Fact]
    public async Task Invocation_belongs_to_the_trace_of_the_host_whatever_headers_the_request_has()
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        var invocation = worker.Driver.DescribeGetUser("a#b");
        invocation.TraceContext.TraceParent = $"00-{Trace}-b7ad6b7169203331-01";
        invocation.InputData[0].Data.Http.NullableHeaders["traceparent"] = new NullableString { Value = "00-11111111111111111111111111111111-2222222222222222-01" };

        var response = await worker.Driver.InvokeAsync(invocation);

        Assert.Contains($"\"traceId\":\"00-{Trace}-", response.ReturnValue.Http.Body.Bytes.ToStringUtf8(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_returns_the_length_of_the_body_and_does_not_send_it_on_the_stream()
    {
        await worker.Store.PutUserAsync("head");
        var get = await worker.Driver.InvokeAsync(worker.Driver.DescribeGetUser("head"));
        var head = await worker.Driver.InvokeAsync(worker.Driver.DescribeGetUser("head", "HEAD"));

        Assert.Equal($"{get.ReturnValue.Http.Body.Bytes.Length}", head.ReturnValue.Http.Headers["Content-Length"]);
        Assert.Empty(head.ReturnValue.Http.Body.Bytes);
    }

    [Fact]
    public async Task Batch_of_a_thousand_ids_and_a_response_of_megabytes_arrive_complete()
    {
        var email = new string('e', 20_000);
        var present = Enumerable.Range(0, 100).Select(i => $"batch-{i}").ToArray();
        var missing = Enumerable.Range(0, 900).Select(i => $"missing-{i}-{new string('x', 200)}").ToArray();
        await Task.WhenAll(present.Select(id => worker.Store.PutUserAsync(id, email: email)));

        using var response = await worker.Driver.CallAsync(HttpMethod.Post, "users/lookup", JsonSerializer.Serialize(new { ids = missing.Concat(present) }));
        var body = await response.Content.ReadAsStringAsync(Cancel.Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var result = JsonSerializer.Deserialize<JsonElement>(body);
        Assert.Equal(missing, result.GetProperty("missing").EnumerateArray().Select(id => id.GetString()!));
        Assert.Equal(
            present.Select(id => (id, email.Length)),
            result.GetProperty("users").EnumerateArray().Select(user => (user.GetProperty("id").GetString()!, user.GetProperty("email").GetString()!.Length)));
    }

    [Fact]
    public async Task Invocation_canceled_ends_before_the_store_responds_and_the_process_continues()
    {
        await worker.Store.PutUserAsync("canceled");
        await worker.Gate.CloseAsync("canceled");
        var invocation = worker.Driver.DescribeGetUser("canceled");
        var invoking = worker.Driver.InvokeAsync(invocation);
        await worker.Gate.AwaitReadsAsync(1);

        worker.Driver.CancelInvocation(invocation.InvocationId);
        var canceled = await Eventually.EndsAsync(invoking, "the invocation ends while the gate is closed");

        Assert.DoesNotContain("canceled", canceled.ReturnValue?.Http?.Body?.Bytes.ToStringUtf8() ?? "", StringComparison.Ordinal);
        await worker.Store.ClearFaultsAsync();
        var next = await worker.Driver.InvokeAsync(worker.Driver.DescribeGetUser("canceled"));
        Assert.Equal((Status.Success, "200"), (next.Result.Status, next.ReturnValue.Http.StatusCode));
    }

    [Fact]
    public async Task Invocation_is_canceled_if_the_client_disconnects()
    {
        await worker.Store.PutUserAsync("left");
        await worker.Gate.CloseAsync("left");
        using var disconnect = CancellationTokenSource.CreateLinkedTokenSource(Cancel.Token);
        var ended = worker.Driver.NextInvocationAsync();
        using var client = new HttpClient { BaseAddress = worker.Driver.Address };
        var request = client.GetAsync("/api/users/left", disconnect.Token);
        await worker.Gate.AwaitReadsAsync(1);

        await disconnect.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await Eventually.EndsAsync(ended, "the invocation ends while the gate is closed");
        await worker.Store.ClearFaultsAsync();
    }

    [Fact]
    public async Task Two_hundred_concurrent_invocations_receive_the_response_to_their_own_request()
    {
        const int Users = 20;
        const int PerUser = 10;
        for (var i = 0; i < Users; i++)
            await worker.Store.PutUserAsync($"each-{i}");
        await worker.Gate.CloseAsync("each-*");
        var invoking = Enumerable.Range(0, Users * PerUser)
            .Select(async i =>
            {
                var response = await worker.Driver.InvokeAsync(worker.Driver.DescribeGetUser($"each-{i % Users}"));
                return JsonSerializer.Deserialize<JsonElement>(response.ReturnValue.Http.Body.Bytes.Span).GetProperty("id").GetString();
            })
            .ToArray();
        await worker.Gate.AwaitReadsAsync(Users);

        // Invocations in flight do not delay others.
        using var live = await worker.Driver.CallAsync(HttpMethod.Get, "health/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.DoesNotContain(invoking, invocation => invocation.IsCompleted);

        var responses = Task.WhenAll(invoking);
        await worker.Gate.OpenAsync(responses);
        Assert.Equal(Enumerable.Range(0, Users * PerUser).Select(i => $"each-{i % Users}"), await responses);
    }

    /// <summary>The host decodes a path before it selects a function. The difference must not bypass a key.</summary>
    [Fact]
    public async Task Path_that_begins_like_an_anonymous_one_or_a_lookup_reaches_no_other_function()
    {
        await using var front = await worker.Driver.StartFrontAsync(asksForKeys: true);
        foreach (var path in HostRequestTests.PathsPastAKey().Select(row => row.Data))
        {
            foreach (var key in (string[])["", HostFront.FunctionKey])
            {
                using var response = await front.SendAsync(HttpMethod.Get, path, body: default(string), ("x-functions-key", key));
                var text = await response.Content.ReadAsStringAsync(Cancel.Token);

                Assert.True((int)response.StatusCode is 400 or 401 or 404, $"{path}: {(int)response.StatusCode} {text}");
                Assert.DoesNotContain("email", text, StringComparison.Ordinal); // a user
                Assert.DoesNotContain("requestUnits", text, StringComparison.OrdinalIgnoreCase); // the statistics
            }
        }
    }
}
