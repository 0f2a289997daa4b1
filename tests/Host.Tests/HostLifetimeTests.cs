using System.Globalization;
using System.Net;
using System.Text.Json;
using Lookup.Functions.Hosting;
using Lookup.Host.Tests.Driver;

namespace Lookup.Host.Tests;

/// <summary>Tests of starting and ending the published app as a custom handler, as the Functions host does.</summary>
public sealed class HostLifetimeTests(PublishedApp app)
{
    [Fact]
    public async Task Process_started_without_a_reachable_store_serves_requests()
    {
        await using var driver = await HostDriver.StartAsync(
            app, $"AccountEndpoint=http://127.0.0.1:{FreePort.Next()}/;AccountKey=AAAA;");
        using var live = await driver.CallAsync(HttpMethod.Get, "health/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Fact]
    public async Task Process_started_listens_on_the_loopback_address_only()
    {
        await using var store = await Store.StartAsync();
        await using var driver = await HostDriver.StartAsync(app, store.ConnectionString);
        const string Listening = "0A";
        var listening = new[] { "/proc/net/tcp", "/proc/net/tcp6" }.SelectMany(file => File.ReadLines(file).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == Listening && fields[1].EndsWith($":{driver.Port:X4}", StringComparison.Ordinal))
            .Select(fields => fields[1].Split(':')[0]);
        Assert.Equal(["0100007F"], listening);
    }

    [Fact]
    public async Task Process_started_with_the_legacy_names_listens_at_their_port()
    {
        await using var store = await Store.StartAsync();
        var port = FreePort.Next();
        await using var driver = await HostDriver.StartAsync(
            app,
            port,
            [("FUNCTIONS_HTTPWORKER_PORT", port.ToString(CultureInfo.InvariantCulture)), ("FUNCTIONS_HTTPWORKER_ID", "a"), ("CosmosConnection", store.ConnectionString)]);
        using var live = await driver.CallAsync(HttpMethod.Get, "health/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Fact]
    public async Task Signal_to_end_lets_the_request_in_flight_finish()
    {
        await using var store = await Store.StartAsync();
        await store.PutUserAsync("u1");
        await using var driver = await HostDriver.StartAsync(app, store.ConnectionString);
        await store.AddFaultAsync("""{"operation":"pointRead","path":"*/docs/u1","delayMs":1500,"delay":"answer"}""");

        var before = await store.CountAsync("pointReads");
        var request = driver.GetUserAsync("u1");
        await Eventually.IsTrueAsync(async () => await store.CountAsync("pointReads") > before, "the read has reached the store");
        await driver.SignalHandlerAsync("TERM");

        using var response = await request;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(ServiceRun.StartAgain, await driver.AwaitEndAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Host_killed_ends_the_process(bool whileRequestHangs)
    {
        await using var store = await Store.StartAsync();
        await using var driver = await HostDriver.StartAsync(app, store.ConnectionString);
        Task<HttpResponseMessage>? request = null;
        if (whileRequestHangs)
        {
            await store.AddFaultAsync("""{"operation":"pointRead","path":"*/docs/u1","delayMs":60000}""");
            var before = await store.CountAsync("pointReads");
            request = driver.GetUserAsync("u1");
            await Eventually.IsTrueAsync(async () => await store.CountAsync("pointReads") > before, "the read has reached the store");
        }

        await driver.KillHostAsync();
        await driver.AwaitEndAsync();
        Assert.Single(driver.Lines, line => line.Contains("\"EventId\":1401", StringComparison.Ordinal));
        if (request is not null)
        {
            using var broken = await request;
            Assert.Equal(HttpStatusCode.BadGateway, broken.StatusCode);
        }
    }

    [Fact]
    public async Task Entries_of_the_log_are_one_line_of_json_each_and_come_once()
    {
        await using var store = await Store.StartAsync();
        await using var driver = await HostDriver.StartAsync(app, store.ConnectionString, ("Lookup__NoSuchSetting", "1"));
        await driver.SignalHandlerAsync("TERM");
        await driver.AwaitEndAsync();

        var events = driver.Lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("EventId").GetInt32()).ToList();
        Assert.Single(events, 1001);
        Assert.Single(events, 1002);
    }
}
