using System.Text;
using Lookup.Functions.Hosting;
using Lookup.Host.Tests.Driver;

namespace Lookup.Host.Tests;

/// <summary>Tests of the Cosmos DB trigger of the published app: the evictions, and the response to the host.</summary>
public sealed class TriggerContractTests(PublishedApp app, TriggeredApp shared) : IClassFixture<TriggeredApp>
{
    /// <summary>
    /// Settings with which only the trigger evicts users: cached users are valid for a day, and the store denies access to its feed. No
    /// read times out on a busy machine.
    /// </summary>
    internal static readonly (string, string)[] TriggerOnly =
        [("Lookup__MaxStaleness", "1.00:00:00"), ("Lookup__MaxUnseenDelete", "1.00:00:00")];

    [Fact]
    public async Task Batch_in_the_documented_form_evicts_in_both_shapes_of_the_feed()
    {
        await using var store = await StartStoreAsync("latest", "replaced", "deleted", "other");
        await using var driver = await HostDriver.StartAsync(app, store.ConnectionString, TriggerOnly);
        await WarmAsync(driver, "latest", "replaced", "deleted", "other");

        var latest = await driver.DeliverAsync($"[{TriggerPayloads.Latest("latest")}]");
        var versions = await driver.DeliverAsync($"[{TriggerPayloads.Version("replaced", "replace")},{TriggerPayloads.Version("deleted", "delete")}]");

        AssertDone(latest);
        AssertDone(versions);
        Assert.Equal(3, await driver.StatisticAsync("cache", "evictions", "trigger"));
        foreach (var id in (string[])["latest", "replaced", "deleted"])
            Assert.Contains("fwd=miss", await driver.CacheStatusAsync(id), StringComparison.Ordinal);
        Assert.Contains("; hit", await driver.CacheStatusAsync("other"), StringComparison.Ordinal);
    }

    [Fact]
    public Task Batch_that_is_encoded_once_evicts_too() =>
        EvictsAsync(TriggerPayloads.EncodedOnce($"[{TriggerPayloads.Latest("u1")}]"));

    [Fact]
    public Task Batch_that_is_redelivered_under_a_retry_policy_evicts_too() =>
        EvictsAsync(TriggerPayloads.Again($"[{TriggerPayloads.Latest("u1")}]"));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10_000)]
    public async Task Batch_of_any_size_is_applied_whole(int count)
    {
        await using var store = await StartStoreAsync("last");
        await using var driver = await HostDriver.StartAsync(app, store.ConnectionString, TriggerOnly);
        await WarmAsync(driver, "last");

        // Filler to the size of a typical document, so that the batch exceeds the limit of any other request.
        var filler = new string('x', 400);
        var ids = Enumerable.Range(1, count).Select(number => number == count ? "last" : $"u{number}");
        var batch = $"[{string.Join(',', ids.Select(id => $$"""{"filler":"{{filler}}",{{TriggerPayloads.Latest(id)[1..]}}"""))}]";
        var delivery = await driver.DeliverAsync(batch);

        AssertDone(delivery);
        Assert.Equal([$"{count} changes applied."], delivery.Logs);
        Assert.Contains(count == 0 ? "; hit" : "fwd=miss", await driver.CacheStatusAsync("last"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_with_unreadable_parts_evicts_the_rest_ends_the_epoch_and_succeeds()
    {
        await using var store = await StartStoreAsync("before", "after");
        await using var driver = await HostDriver.StartAsync(app, store.ConnectionString, TriggerOnly);
        await WarmAsync(driver, "before", "after");
        var epoch = await FirstEpochAsync(driver);

        var delivery = await driver.DeliverAsync($$"""[{{TriggerPayloads.Latest("before")}},{"current":5},17,{{TriggerPayloads.Latest("after")}}]""");

        AssertDone(delivery);
        Assert.StartsWith("Warning: ", Assert.Single(delivery.Logs), StringComparison.Ordinal);
        Assert.Contains("2 of its changes cannot be parsed.", delivery.Logs[0], StringComparison.Ordinal);
        Assert.Equal(epoch + 1, await driver.StatisticAsync("feed", "epoch"));
        await Eventually.IsTrueAsync(() => driver.Lines.Any(Is1303), "the log contains event 1303");
        Assert.Single(driver.Lines, Is1303);
        foreach (var id in (string[])["before", "after"])
            Assert.Contains("fwd=miss", await driver.CacheStatusAsync(id), StringComparison.Ordinal);

        static bool Is1303(string line) => line.Contains("\"EventId\":1303", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("not JSON")]
    [InlineData("""{"Data":{"x":fmarie@example.com}}""")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Data":{}}""")]
    [InlineData("""{"Data":"text"}""")]
    [InlineData("""{"Data":{"another":"[]"}}""")]
    [InlineData("""{"Data":{"changes":null}}""")]
    [InlineData("""{"Data":{"changes":""}}""")]
    [InlineData("""{"Data":{"changes":"\"not an array\""}}""")]
    [InlineData("""{"Data":{"changes":"{}"}}""")]
    [InlineData("""{"Data":{"changes":"[{\"id\":\"u1\"},{\"id\":"}}""")]
    [InlineData("""{"Data":{"changes":"\ud800"}}""")]
    public async Task Payload_that_can_never_be_read_does_not_block_the_feed(string payload)
    {
        var driver = shared.Driver;
        var epoch = await FirstEpochAsync(driver);
        AssertDone(await driver.PostAsync(new ChunkedContent(Encoding.UTF8.GetBytes(payload))));
        Assert.Equal(epoch + 1, await driver.StatisticAsync("feed", "epoch"));
        Assert.DoesNotContain(driver.Lines, line => line.Contains("marie@example.com", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Payload_of_more_than_the_bound_does_not_block_the_feed()
    {
        var driver = shared.Driver;
        var epoch = await FirstEpochAsync(driver);
        var payload = new byte[Functions.Eviction.EvictStaleUsers.MaxBodyBytes + 1];
        AssertDone(await driver.PostAsync(new ChunkedContent(payload)));
        Assert.Equal(epoch + 1, await driver.StatisticAsync("feed", "epoch"));
    }

    [Fact]
    public async Task Batch_that_is_interrupted_by_shutdown_is_redelivered()
    {
        await using var store = await StartStoreAsync("u1");
        await using var driver = await HostDriver.StartAsync(app, store.ConnectionString, TriggerOnly);
        var middle = new TaskCompletionSource();
        using var batch = new ChunkedContent(TriggerPayloads.Documented($"[{TriggerPayloads.Latest("u1")}]"), middle.Task);
        using var post = new HttpRequestMessage(HttpMethod.Post, "/EvictStaleUsers") { Content = batch };
        post.Headers.ExpectContinue = true; // so that the first half is sent only when the app begins to read it
        using var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Eventually.Limit }) { BaseAddress = driver.Http.BaseAddress, Timeout = Eventually.Limit };
        var posted = http.SendAsync(post, Cancel.Token);
        await Eventually.EndsAsync(batch.HalfSent, "the app reads the first half");
        await driver.SignalHandlerAsync("TERM");
        await Eventually.IsTrueAsync(() => driver.IsEnding, "the process is stopping");
        middle.SetResult();

        using var response = await posted;
        var delivery = await Delivery.JudgeAsync(response);
        Assert.Equal((Verdict.Failed, 500), (delivery.Verdict, delivery.Status));
        Assert.Single(delivery.Logs);
        Assert.Equal(ServiceRun.StartAgain, await driver.AwaitEndAsync());
    }

    [Fact]
    public async Task Trigger_without_the_host_is_not_served()
    {
        await using var store = await StartStoreAsync("u1");
        var port = FreePort.Next();
        await using var driver = await HostDriver.StartAsync(
            app, port, [("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"), ("CosmosConnection", store.ConnectionString), .. HostDriver.Container]);
        Assert.Equal(404, (await driver.DeliverAsync("[]")).Status);
    }

    internal static async Task<Store> StartStoreAsync(params string[] ids)
    {
        var store = await Store.StartAsync();
        await store.AddFaultAsync("""{"operation":"feedPoll","status":503}""");
        foreach (var id in ids)
            await store.PutUserAsync(id);
        return store;
    }

    /// <summary>Posts a payload that names the cached user u1, and asserts that u1 was evicted.</summary>
    private async Task EvictsAsync(byte[] payload)
    {
        await using var store = await StartStoreAsync("u1");
        await using var driver = await HostDriver.StartAsync(app, store.ConnectionString, TriggerOnly);
        await WarmAsync(driver, "u1");
        AssertDone(await driver.PostAsync(new ChunkedContent(payload)));
        Assert.Contains("fwd=miss", await driver.CacheStatusAsync("u1"), StringComparison.Ordinal);
    }

    /// <summary>Returns the epoch that the follower has started. It does not start another one, because it cannot read the feed.</summary>
    private static async Task<long> FirstEpochAsync(HostDriver driver)
    {
        await Eventually.IsTrueAsync(
            () => driver.Lines.Any(line => line.Contains("\"EventId\":1101", StringComparison.Ordinal)), "the follower has started");
        return await driver.StatisticAsync("feed", "epoch");
    }

    private static async Task WarmAsync(HostDriver driver, params string[] ids)
    {
        foreach (var id in ids)
        {
            await driver.CacheStatusAsync(id);
            Assert.Contains("; hit", await driver.CacheStatusAsync(id), StringComparison.Ordinal);
        }
    }

    private static void AssertDone(Delivery delivery)
    {
        Assert.Equal((Verdict.Succeeded, 200), (delivery.Verdict, delivery.Status));
        Assert.StartsWith("""{"Outputs":{},"Logs":[""", delivery.Body, StringComparison.Ordinal);
        Assert.EndsWith("""],"ReturnValue":null}""", delivery.Body, StringComparison.Ordinal);
    }
}
