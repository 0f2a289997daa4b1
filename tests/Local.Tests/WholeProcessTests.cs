using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Lookup.Local.Tests;

public sealed class WholeProcessTests
{
    private const int InstanceCount = 3;

    /// <summary>The number of seconds within which a change is observed, as the program reports it.</summary>
    private const double ChangeBound = 2;

    /// <summary>
    /// Settings with which cached users do not expire, so that only the feed reveals changes, and with which no read or poll times out
    /// because the machine is busy.
    /// </summary>
    private static readonly (string, string?)[] OnlyTheFeed =
        [("Lookup__MaxStaleness", "1.00:00:00"), ("Lookup__ReadDeadline", "00:01:00"), ("Lookup__PollDeadline", "00:01:00")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_serves_hits_propagates_changes_to_each_instance_and_shuts_down_gracefully()
    {
        SkipWithoutSignals();
        var cosmosPort = FreePort.NextInARow(InstanceCount + 1);
        var ports = Enumerable.Range(cosmosPort + 1, InstanceCount).ToList();
        await using var run = LocalProcess.Start(
            OnlyTheFeed, "--users", "200", "--instances", Text(InstanceCount), "--port", Text(ports[0]), "--cosmos-port", Text(cosmosPort));
        await run.AwaitReadyAsync();
        Assert.All(ports, port => Assert.Contains($"http://127.0.0.1:{port}", run.Output, StringComparison.Ordinal));

        using var client = new HttpClient();
        foreach (var port in ports)
        {
            var first = await GetAsync(client, port);
            var second = await GetAsync(client, port);
            Assert.StartsWith("lookup; fwd=miss", first.CacheStatus, StringComparison.Ordinal);
            Assert.StartsWith("lookup; hit", second.CacheStatus, StringComparison.Ordinal);
            Assert.Equal("Mariano Schimmel", NameOf(second.User));
            Assert.False(second.User.ContainsKey("passwordHash"));
        }

        foreach (var port in ports)
            Assert.InRange(await PollIntervalAsync(client, port), 0, ChangeBound);

        var readsBefore = await CountReadsAsync(client, cosmosPort);
        await GetAsync(client, ports[0]);
        Assert.Equal(readsBefore, await CountReadsAsync(client, cosmosPort));

        using var patch = new StringContent("""{"displayName":"New"}""", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var written = await client.PutAsync(new Uri($"http://127.0.0.1:{ports[0]}/local/users/u42"), patch, Cancellation);
        Assert.Equal(HttpStatusCode.OK, written.StatusCode);
        await AwaitChangeAsync(client, ports, "the new name", async response => NameOf(await ReadAsync(response)) == "New");

        using var deleted = await client.DeleteAsync(new Uri($"http://127.0.0.1:{ports[0]}/local/users/u42"), Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await AwaitChangeAsync(client, ports, "no such user", response => Task.FromResult(response.StatusCode == HttpStatusCode.NotFound));

        await run.SignalAsync("TERM");
        var (exitCode, error) = await run.AwaitEndAsync();
        Assert.Equal(0, exitCode);
        Assert.Empty(error);
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Signal_during_seeding_shuts_the_run_down_gracefully(string signal)
    {
        SkipWithoutSignals();
        var port = FreePort.NextInARow(2);
        await using var run = LocalProcess.Start("--users", "1000000", "--port", Text(port), "--cosmos-port", Text(port + 1));
        await run.AwaitEndpointAsync();

        await run.SignalAsync(signal);

        var (exitCode, error) = await run.AwaitEndAsync();
        Assert.Equal(0, exitCode);
        Assert.Empty(error);
        Assert.DoesNotContain("Ready", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "--cosmos-port")]
    [InlineData(1, "--port")]
    [InlineData(2, "--port")]
    public async Task Run_on_a_port_in_use_names_the_flag_before_any_user_is_written(int taken, string flag)
    {
        var first = FreePort.NextInARow(3);
        using var other = new TcpListener(IPAddress.Loopback, first + taken);
        other.Start();

        await using var run = LocalProcess.Start(
            "--cosmos-port", Text(first), "--port", Text(first + 1), "--instances", "2");

        var (exitCode, error) = await run.AwaitEndAsync();
        Assert.Equal(1, exitCode);
        Assert.Empty(run.Output);
        Assert.StartsWith($"Port {first + taken} on 127.0.0.1", error, StringComparison.Ordinal);
        Assert.Contains($"; use {flag} to choose another.", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Run_with_an_invalid_flag_reports_it()
    {
        await using var run = LocalProcess.Start("--instances", "17");

        var (exitCode, error) = await run.AwaitEndAsync();

        Assert.Equal(1, exitCode);
        Assert.Empty(run.Output);
        Assert.StartsWith("--instances is '17'; it must be a whole number, 1 to 16.", error, StringComparison.Ordinal);
    }

    private static Task AwaitChangeAsync(
        HttpClient client, IEnumerable<int> ports, string change, Func<HttpResponseMessage, Task<bool>> isVisible)
    {
        return Task.WhenAll(ports.Select(port => Eventually.IsTrueAsync(
            async () =>
            {
                using var response = await client.GetAsync(AddressOfUser(port), Cancellation);
                return await isVisible(response);
            },
            $"the instance on port {port} returns {change}")));
    }

    private static async Task<(string CacheStatus, JsonObject User)> GetAsync(HttpClient client, int port)
    {
        using var response = await client.GetAsync(AddressOfUser(port), Cancellation);
        return (response.Headers.GetValues("Cache-Status").Single(), await ReadAsync(response));
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!;
    }

    private static string NameOf(JsonObject user) => user["displayName"]!.GetValue<string>();

    private static Uri AddressOfUser(int port) => new($"http://127.0.0.1:{port}/api/users/u42");

    private static async Task<double> PollIntervalAsync(HttpClient client, int port)
    {
        var statistics = await client.GetFromJsonAsync<JsonObject>(new Uri($"http://127.0.0.1:{port}/api/stats"), Cancellation);
        return statistics!["pollIntervalSeconds"]!.GetValue<double>();
    }

    private static async Task<int> CountReadsAsync(HttpClient client, int cosmosPort)
    {
        var statistics = await client.GetFromJsonAsync<JsonObject>(new Uri($"http://127.0.0.1:{cosmosPort}/_emulator/stats"), Cancellation);
        return statistics!["pointReads"]!.GetValue<int>();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static void SkipWithoutSignals() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to send to another process.");
}
