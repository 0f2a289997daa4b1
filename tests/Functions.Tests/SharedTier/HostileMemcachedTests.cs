using System.Text;
using Lookup.Domain.SharedTier;
using Lookup.Functions.SharedTier.Memcached;
using Lookup.Support;

namespace Lookup.Functions.Tests.SharedTier;

/// <summary>The memcached client against servers that break the protocol.</summary>
public sealed class HostileMemcachedTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("garbage without an end of line, for longer than any line of a server: {0}")]
    [InlineData("VA 999999999 O{1}\r\n")]
    [InlineData("VA 3 O{1}\r\nabcdef\r\n")]
    [InlineData("VA 3 O999\r\nabc\r\n")]
    [InlineData("HD O{1}\r\n")]
    [InlineData("ERROR\r\n")]
    [InlineData("SERVER_ERROR out of memory\r\nSERVER_ERROR out of memory\r\n")]
    public async Task Reply_that_breaks_the_protocol_fails_the_call(string reply)
    {
        using var server = new ScriptedServer(line => Encoding.Latin1.GetBytes(
            reply.Replace("{0}", new string('x', 10_000), StringComparison.Ordinal)
                .Replace("{1}", ScriptedServer.TokenOf(line), StringComparison.Ordinal)));
        using var tier = Tiers.Memcached(server.Port);

        await FailsAsync(tier);
    }

    [Fact]
    public async Task Server_that_closes_the_connection_fails_the_call_and_gets_another_connection_later()
    {
        using var server = new ScriptedServer(_ => null);
        using var tier = Tiers.Memcached(server.Port);

        await FailsAsync(tier);
        await Eventually.IsTrueAsync(
            async () =>
            {
                await FailsAsync(tier);
                return server.Connections > 2;
            },
            "the client connects again");
    }

    [Fact]
    public async Task Server_that_stays_silent_holds_a_call_only_until_its_token_is_canceled()
    {
        using var received = new SemaphoreSlim(0);
        using var server = new ScriptedServer(_ =>
        {
            received.Release();
            return [];
        });
        using var tier = Tiers.Memcached(server.Port);
        using var limit = new CancellationTokenSource();

        var call = tier.GetAsync("key", limit.Token).AsTask();
        await received.WaitAsync(Token);
        Assert.False(call.IsCompleted);
        await limit.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.EndsAsync(call, "the canceled call"));
    }

    [Fact]
    public async Task Server_that_stays_silent_too_long_is_given_up_at_the_next_call()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var received = new SemaphoreSlim(0);
        using var server = new ScriptedServer(_ =>
        {
            received.Release();
            return [];
        });
        using var tier = new MemcachedTier("127.0.0.1", server.Port, time);
        var call = tier.GetAsync("key", Token).AsTask();
        await received.WaitAsync(Token);

        time.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<SharedTierException>(async () => await tier.GetAsync("key", Token));
        await Assert.ThrowsAsync<SharedTierException>(() => Eventually.EndsAsync(call, "the call before"));

        // The next call opens another connection.
        var next = tier.GetAsync("key", Token).AsTask();
        await received.WaitAsync(Token);
        Assert.False(next.IsCompleted);
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task Reply_of_a_call_that_was_given_up_is_not_taken_for_the_next()
    {
        var held = "";
        using var received = new SemaphoreSlim(0);
        using var server = new ScriptedServer(line =>
        {
            if (line.Contains(" first ", StringComparison.Ordinal))
            {
                held = $"VA 5 O{ScriptedServer.TokenOf(line)}\r\nfirst\r\n";
                received.Release();
                return [];
            }

            return Encoding.Latin1.GetBytes($"{held}VA 6 O{ScriptedServer.TokenOf(line)}\r\nsecond\r\n");
        });
        using var connection = new MemcachedConnection("127.0.0.1", server.Port, TimeProvider.System);
        using var limit = new CancellationTokenSource();
        var first = connection.SendAsync(MetaRequest.Get("first"), limit.Token);
        await received.WaitAsync(Token);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        var second = await connection.SendAsync(MetaRequest.Get("second"), Token);

        Assert.Equal("second", Encoding.Latin1.GetString(second.Value.Span));
    }

    [Fact]
    public async Task Command_that_gets_no_reply_fails_and_the_next_gets_its_own()
    {
        using var received = new SemaphoreSlim(0);
        using var server = new ScriptedServer(line =>
        {
            received.Release();
            return line.Contains(" first ", StringComparison.Ordinal)
                ? []
                : Encoding.Latin1.GetBytes($"VA 6 O{ScriptedServer.TokenOf(line)}\r\nsecond\r\n");
        });
        using var connection = new MemcachedConnection("127.0.0.1", server.Port, TimeProvider.System);
        var first = connection.SendAsync(MetaRequest.Get("first"), Token);
        await received.WaitAsync(Token);

        var second = await connection.SendAsync(MetaRequest.Get("second"), Token);

        Assert.Equal("second", Encoding.Latin1.GetString(second.Value.Span));
        await Assert.ThrowsAsync<SharedTierException>(() => first);
    }

    private static async Task FailsAsync(MemcachedTier tier) => await Assert.ThrowsAsync<SharedTierException>(
        () => Eventually.EndsAsync(tier.GetAsync("key", Token).AsTask(), "the call"));
}
