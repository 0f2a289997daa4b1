using Lookup.Functions.Hosting;
using Lookup.Host.Tests.Driver;
using Lookup.Host.Tests.Driver.Worker;

namespace Lookup.Host.Tests;

/// <summary>Tests of starting and ending the published app as an isolated worker, as the Functions host does.</summary>
public sealed class WorkerLifetimeTests(PublishedApp app)
{
    private const string Unreachable = "AccountEndpoint=http://127.0.0.1:1/;AccountKey=AAAA;";

    [Theory]
    [InlineData("worker_terminate")]
    [InlineData("SIGTERM")]
    public async Task Request_to_end_lets_the_invocation_in_flight_finish(string request)
    {
        await using var gate = await GatedStore.StartAsync();
        await gate.Store.PutUserAsync("u1");
        await using var driver = await WorkerDriver.StartAsync(app, gate.Store.ConnectionString);
        await gate.CloseAsync("u1");
        var invoking = driver.InvokeAsync(driver.DescribeGetUser("u1"));
        await gate.AwaitReadsAsync(1);

        if (request == "SIGTERM")
            await driver.Process.SignalAppAsync("TERM");
        else
            driver.Terminate();
        await Eventually.IsTrueAsync(
            () => driver.Stream.Logs.Any(log => log.Message.Contains("is shutting down", StringComparison.Ordinal)), "the worker begins to stop");
        Assert.False(invoking.IsCompleted);
        await gate.OpenAsync(invoking);

        var response = await invoking;
        Assert.Equal("200", response.ReturnValue.Http.StatusCode);
        Assert.Contains("\"u1\"", response.ReturnValue.Http.Body.Bytes.ToStringUtf8(), StringComparison.Ordinal);
        Assert.Equal(ServiceRun.WorkerEnded, await driver.Process.AwaitEndAsync());
    }

    [Fact]
    public async Task Host_killed_ends_the_process_even_if_an_invocation_hangs_and_the_stream_stays()
    {
        await using var gate = await GatedStore.StartAsync();
        await using var driver = await WorkerDriver.StartAsync(app, gate.Store.ConnectionString);
        await gate.CloseAsync("u1");
        var invoking = driver.InvokeAsync(driver.DescribeGetUser("u1"));
        await gate.AwaitReadsAsync(1);

        await driver.Process.KillHostAsync();
        await driver.Process.AwaitEndAsync();

        await Assert.ThrowsAsync<IOException>(() => invoking);
        Assert.Single(driver.Process.Lines, line => line.Contains("\"EventId\":1401", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stream_ended_ends_the_process_even_if_the_parent_lives()
    {
        await using var driver = await WorkerDriver.StartAsync(app, Unreachable);
        driver.Stream.End();
        Assert.Equal(ServiceRun.WorkerEnded, await driver.Process.AwaitEndAsync());
        Assert.Single(driver.Process.Lines, line => line.Contains("\"EventId\":1404", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Setting_that_is_missing_prevents_startup_with_an_error_message()
    {
        var (exitCode, output, error) = await ChildProcess.RunAsync(
            "dotnet",
            WorkerDriver.ArgumentsFor(app, new Uri($"http://127.0.0.1:{FreePort.Next()}/")),
            WorkerDriver.EnvironmentFor(app).Select(variable => (variable.Name, (string?)variable.Value)),
            Cancel.Token);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith("Error: ", error, StringComparison.Ordinal); // with this word, the host logs it as an error
        Assert.Contains("CosmosConnection", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_started_without_a_reachable_store_serves_requests()
    {
        await using var driver = await WorkerDriver.StartAsync(app, Unreachable);
        using var live = await driver.CallAsync(HttpMethod.Get, "health/live");
        using var ready = await driver.CallAsync(HttpMethod.Get, "health/ready");
        Assert.Equal((200, 503), ((int)live.StatusCode, (int)ready.StatusCode));
    }
}
