using System.Text;
using Lookup.Domain.SharedTier;
using Lookup.Functions.SharedTier.Guarding;
using Lookup.Functions.SharedTier.Redis;
using Lookup.Support;

namespace Lookup.Functions.Tests.SharedTier;

/// <summary>The adapters, as the service uses them, against real servers that stop, end, start late or refuse.</summary>
public sealed class TierFaultTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Servers => ["redis", "memcached"];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Frozen_server_fails_calls_and_then_gets_none_until_it_goes_on(string kind)
    {
        using var server = Create(kind);
        await server.StartAsync();
        using var tier = Open(kind, server.Port);
        await WorksAsync(tier);

        await server.FreezeAsync();
        await Eventually.IsTrueAsync(
            async () =>
            {
                await FailedAsync(tier);
                return !tier.ServesReads;
            },
            "the circuit opens");
        var sent = tier.Statistics.Timeouts + tier.Statistics.Failures;
        var refused = tier.Statistics.Refused;
        for (var i = 0; i < 100; i++)
            await FailsAsync(tier);
        Assert.True(tier.Statistics.Refused >= refused + 100, "calls are sent to a server that is frozen");

        await server.ThawAsync();
        await WorksAsync(tier);
        Assert.True(sent > 0, "no call has failed");
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Server_that_is_killed_and_started_again_is_used_again(string kind)
    {
        using var server = Create(kind);
        await server.StartAsync();
        using var tier = Open(kind, server.Port);
        await WorksAsync(tier);

        await server.KillAsync();
        await Eventually.IsTrueAsync(() => FailedAsync(tier), "calls fail without a server");
        await server.StartAsync();

        await WorksAsync(tier);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Server_that_starts_later_is_used_then(string kind)
    {
        using var server = Create(kind);
        using var tier = Open(kind, server.Port);
        Assert.True(await FailedAsync(tier));

        await server.StartAsync();

        await WorksAsync(tier);
    }

    [Fact]
    public async Task Redis_that_is_full_rejects_writes_and_serves_reads()
    {
        using var server = CacheServer.Redis("--maxmemory", "1", "--maxmemory-policy", "noeviction");
        await server.StartAsync();
        using var tier = Tiers.Redis(server.Port);

        var error = await Assert.ThrowsAsync<SharedTierException>(async () => await tier.SetAsync("a", new byte[10], Hour, Token));

        Assert.Equal("Redis rejected the command with OOM.", error.Message);
        Assert.Null(await tier.GetAsync("a", Token));
    }

    [Fact]
    public async Task Memcached_that_is_full_fails_only_the_write()
    {
        // -M returns an error instead of evicting.
        using var server = CacheServer.Memcached("-M", "-m", "4");
        await server.StartAsync();
        using var tier = Tiers.Memcached(server.Port);
        var full = false;
        for (var i = 0; i < 1000 && !full; i++)
        {
            try
            {
                await tier.SetAsync($"key{i}", new byte[500_000], Hour, Token);
            }
            catch (SharedTierException cause)
            {
                Assert.StartsWith("memcached could not execute the command", cause.Message, StringComparison.Ordinal);
                full = true;
            }
        }

        Assert.True(full, "the server never was full");
        Assert.NotNull(await tier.GetAsync("key0", Token));
    }

    [Fact]
    public async Task Wrong_password_fails_every_call_without_showing_it()
    {
        using var server = CacheServer.Redis("--requirepass", "right");
        await server.StartAsync();
        using var tier = Tiers.Redis(server.Port, ",password=s3cret,user=n4me");
        using var right = Tiers.Redis(server.Port, ",password=right");

        foreach (var call in new Func<Task>[] { () => tier.GetAsync("a", Token).AsTask(), () => tier.SetAsync("a", default, Hour, Token).AsTask() })
        {
            var error = await Assert.ThrowsAsync<SharedTierException>(() => Eventually.EndsAsync(call(), "the call"));
            Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("n4me", error.ToString(), StringComparison.Ordinal);
        }

        Assert.Null(await right.GetAsync("a", Token));
    }

    [Fact]
    public async Task Redis_cluster_returns_keys_of_several_slots_at_once()
    {
        var configuration = Path.GetRandomFileName();
        using var server = CacheServer.Redis("--cluster-enabled", "yes", "--cluster-config-file", configuration, "--dir", Path.GetTempPath());
        try
        {
            await server.StartAsync();
            await Eventually.IsTrueAsync(async () => await CommandAsync(server.Port, "CLUSTER ADDSLOTSRANGE 0 16383") is "+OK" or ['-', ..], "slots are assigned");
            await Eventually.IsTrueAsync(async () => await CommandAsync(server.Port, "SET ready 1") == "+OK", "the cluster is up");
            using var tier = Tiers.Redis(server.Port);
            await tier.SetAsync("a", "1"u8.ToArray(), Hour, Token);
            await tier.SetAsync("b", "2"u8.ToArray(), Hour, Token);

            var values = await tier.GetManyAsync(["a", "none", "b"], Token);

            Assert.Equal(["1", null, "2"], values.Select(value => value is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null));
        }
        finally
        {
            server.Dispose();
            File.Delete(Path.Combine(Path.GetTempPath(), configuration));
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Tier_is_closed_while_its_server_is_frozen(string kind)
    {
        using var server = Create(kind);
        await server.StartAsync();
        var tier = Open(kind, server.Port);
        await WorksAsync(tier);
        await server.FreezeAsync();
        await tier.SetAsync("a", new byte[10], Hour, Token);

        await Eventually.EndsAsync(Task.Run(tier.Dispose, Token), "Dispose");

        await FailsAsync(tier);
    }

    private static CacheServer Create(string kind) => kind == "redis" ? CacheServer.Redis() : CacheServer.Memcached();

    private static GuardedTier Open(string kind, int port)
    {
        ISharedTier inner = kind == "redis"
            ? new RedisTier(RedisOptions.Create($"127.0.0.1:{port}", RedisOptions.CallTimeout))
            : Tiers.Memcached(port);
        return new GuardedTier(inner, new GuardedTierOptions(), TimeProvider.System);
    }

    private static Task WorksAsync(GuardedTier tier) => Eventually.IsTrueAsync(async () => !await FailedAsync(tier), "a call succeeds");

    private static async Task FailsAsync(GuardedTier tier) => await Assert.ThrowsAsync<SharedTierException>(
        () => Eventually.EndsAsync(tier.GetAsync("a", Token).AsTask(), "the call"));

    private static async Task<bool> FailedAsync(GuardedTier tier)
    {
        try
        {
            await Eventually.EndsAsync(tier.GetAsync("a", Token).AsTask(), "the call");
            return false;
        }
        catch (SharedTierException)
        {
            return true;
        }
    }

    private static async Task<string?> CommandAsync(int port, string command)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync("127.0.0.1", port, Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), Token);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync(Token);
    }
}
