using System.Net;
using System.Text;
using Lookup.Support;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Control;

public sealed class FaultTests
{
    private static readonly PartitionKey Key = new("u1");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fault_of_429_is_retried_by_the_SDK_after_the_time_stated()
    {
        await using var own = await WithUserAsync();
        await own.Control.AddFaultAsync(new { operation = "pointRead", status = 429, substatus = 3200, retryAfterMs = 20, count = 3 });

        var read = await own.Container.ReadItemAsync<UserItem>("u1", Key, cancellationToken: Cancellation);

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        Assert.Equal(4, await own.Control.StatAsync("pointReads"));
    }

    [Fact]
    public async Task Fault_of_429_without_retries_surfaces_with_substatus_and_time()
    {
        await using var own = await WithUserAsync(options => options.MaxRetryAttemptsOnRateLimitedRequests = 0);
        await own.Control.AddFaultAsync(new { path = "*/docs/u1", status = 429, substatus = 3200, retryAfterMs = 40, count = 1 });

        var error = await Assert.ThrowsAsync<CosmosException>(() => own.Container.ReadItemAsync<UserItem>("u1", Key, cancellationToken: Cancellation));

        Assert.Equal((HttpStatusCode.TooManyRequests, 3200), (error.StatusCode, error.SubStatusCode));
        Assert.Equal(TimeSpan.FromMilliseconds(40), error.RetryAfter);
    }

    [Theory]
    [InlineData(500, 0)]
    [InlineData(503, 0)]
    [InlineData(408, 0)]
    [InlineData(404, 1002)]
    public async Task Fault_surfaces_as_its_status(int status, int substatus)
    {
        await using var own = await WithUserAsync();
        await own.Control.AddFaultAsync(new { method = "GET", path = "*/docs/*", status, substatus });

        var error = await Assert.ThrowsAnyAsync<CosmosException>(() => own.Container.ReadItemAsync<UserItem>("u1", Key, cancellationToken: Cancellation));

        Assert.Equal(status, (int)error.StatusCode);
    }

    [Fact]
    public async Task Fault_affects_only_matching_requests()
    {
        await using var own = await WithUserAsync();
        await own.Control.AddFaultAsync(new { operation = "delete", status = 503 });
        await own.Control.AddFaultAsync(new { path = "*/docs/u2", status = 503 });
        await own.Control.AddFaultAsync(new { method = "PUT", status = 503 });

        var read = await own.Container.ReadItemAsync<UserItem>("u1", Key, cancellationToken: Cancellation);

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
    }

    [Fact]
    public async Task Fault_of_a_range_affects_reads_queries_and_polls_of_that_range_only()
    {
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { Ranges = 2 });
        var rangeOf = new Dictionary<string, string>();
        for (var i = 0; i < 20; i++)
        {
            var written = await own.Container.UpsertItemAsync(UserItem.Number(i), new PartitionKey($"u{i}"), cancellationToken: Cancellation);
            rangeOf[$"u{i}"] = written.Headers.Session.Split(':')[0];
        }

        Assert.Equal(["0", "1"], rangeOf.Values.Distinct().Order());
        await own.Control.AddFaultAsync(new { range = "1", status = 503 });

        foreach (var (id, range) in rangeOf)
        {
            using var read = await own.Container.ReadItemStreamAsync(id, new PartitionKey(id), cancellationToken: Cancellation);
            Assert.Equal(range == "1" ? 503 : 200, (int)read.StatusCode);
        }

        var polls = new List<int>();
        foreach (var range in await own.Container.GetFeedRangesAsync(Cancellation))
        {
            using var feed = own.Container.GetChangeFeedStreamIterator(ChangeFeedStartFrom.Now(range), ChangeFeedMode.LatestVersion);
            using var page = await feed.ReadNextAsync(Cancellation);
            polls.Add((int)page.StatusCode);
        }

        Assert.Equal([304, 503], polls);
        var other = rangeOf.First(user => user.Value == "1").Key;
        using var body = new MemoryStream(Encoding.UTF8.GetBytes($$"""{"id":"{{other}}","userId":"{{other}}"}"""));
        using var write = await own.Container.UpsertItemStreamAsync(body, new PartitionKey(other), cancellationToken: Cancellation);
        Assert.Equal(503, (int)write.StatusCode);
    }

    [Fact]
    public async Task Fault_ends_after_its_count_and_when_cleared()
    {
        await using var own = await WithUserAsync();
        await own.Control.AddFaultAsync(new { operation = "pointRead", status = 400, count = 1 });
        var (first, second) = (await StatusAsync(own), await StatusAsync(own));
        await own.Control.AddFaultAsync(new { operation = "pointRead", status = 400 });
        var third = await StatusAsync(own);
        await own.Control.ClearFaultsAsync();

        Assert.Equal((400, 200, 400, 200), (first, second, third, await StatusAsync(own)));
    }

    [Theory]
    [InlineData("before")]
    [InlineData("during")]
    public async Task Fault_that_drops_the_connection_is_a_network_error(string drop)
    {
        await using var own = await WithUserAsync();
        await own.Control.AddFaultAsync(new { operation = "pointRead", drop });

        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => own.Raw.SendAsync("GET", $"{own.Path}/docs/u1", headers: ("x-ms-documentdb-partitionkey", "[\"u1\"]")));
    }

    [Fact]
    public async Task Fault_that_delays_the_response_returns_the_result_read_before_the_delay()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { TimeProvider = clock });
        await own.Container.CreateItemAsync(UserItem.Number(1), Key, cancellationToken: Cancellation);
        await own.Control.AddFaultAsync(new { operation = "pointRead", delayMs = 1000, delay = "answer", count = 1 });

        var held = own.Container.ReadItemAsync<UserItem>("u1", Key, cancellationToken: Cancellation);
        await Eventually.IsTrueAsync(async () => await own.Control.StatAsync("pointReads") == 1, "the read arrives");
        await own.Container.UpsertItemAsync(UserItem.Number(1) with { name = "newer" }, Key, cancellationToken: Cancellation);
        Assert.False(held.IsCompleted);
        await Eventually.IsTrueAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return held.IsCompleted;
            },
            "the held read completes");

        Assert.Equal("User 1", (await held).Resource.name);
    }

    [Theory]
    [InlineData("""{"status":200}""")]
    [InlineData("""{"status":"bad"}""")]
    [InlineData("""{"operation":"everything","status":503}""")]
    [InlineData("""{"colour":"red","status":503}""")]
    [InlineData("""{"count":0,"status":503}""")]
    [InlineData("{}")]
    [InlineData("not JSON")]
    public async Task Invalid_fault_returns_400(string json)
    {
        await using var own = await OwnEmulator.StartAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await own.Control.TryAsync(HttpMethod.Post, "faults", json)).Status);
    }

    private static async Task<OwnEmulator> WithUserAsync(Action<CosmosClientOptions>? client = null)
    {
        var own = await OwnEmulator.StartAsync(client: client);
        await own.Container.CreateItemAsync(UserItem.Number(1), Key, cancellationToken: Cancellation);
        return own;
    }

    private static async Task<int> StatusAsync(OwnEmulator own)
    {
        using var read = await own.Container.ReadItemStreamAsync("u1", Key, cancellationToken: Cancellation);
        return (int)read.StatusCode;
    }
}
