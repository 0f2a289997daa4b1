using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Lookup.Functions.Http;

/// <summary>
/// Limits connections: their number, the number from one remote address, and the time to the first byte. A few more are accepted for
/// health requests only, so that a flood does not make the instance look dead.
/// </summary>
internal sealed class ConnectionGuard(int most, int mostOfOneAddress, TimeProvider time)
{
    /// <summary>Connections beyond the most, for health alone.</summary>
    public const int Reserve = 64;

    /// <summary>How many of these one address may have.</summary>
    public const int ReserveOfOneAddress = 16;

    /// <summary>The time that a new connection has to send its first byte.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The time that a connection that is accepted for health requests only has to send the head of its request.</summary>
    public static readonly TimeSpan LittlePatience = TimeSpan.FromSeconds(1);

    /// <summary>The time after which such a connection is closed, whatever it sends, reads or waits for.</summary>
    public static readonly TimeSpan LongestHealthRequest = TimeSpan.FromSeconds(3);

    private static readonly object Mark = new();

    private readonly ConcurrentDictionary<IPAddress, Count> _addresses = new();
    private int _open;

    /// <summary>Checks for a connection that was accepted for health requests only, and notes that it has sent the head of its request.</summary>
    public static bool IsForHealthAlone(HttpContext context)
    {
        if (context.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionItemsFeature>()?.Items.TryGetValue(Mark, out var item) != true)
            return false;

        ((HealthConnection)item!).HasRequest = true;
        return true;
    }

    /// <summary>Serves a connection, if it may be, from its first byte on.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address is { } remote ? Network(remote) : IPAddress.None;
        var isForHealth = Interlocked.Increment(ref _open) > most;
        var count = Enter(address, isForHealth);
        try
        {
            if (count is null)
            {
                connection.Abort();
                return;
            }

            await using var health = isForHealth ? new HealthConnection(connection, time) : null;
            if (health is not null)
                connection.Items[Mark] = health;
            if (!await SpeaksAsync(connection, Patience))
            {
                connection.Abort();
                return;
            }

            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
            if (count is not null)
                Leave(address, count, isForHealth);
        }
    }

    /// <summary>Waits for the first bytes, and leaves them to the server.</summary>
    private async Task<bool> SpeaksAsync(ConnectionContext connection, TimeSpan patience)
    {
        using var silence = new CancellationTokenSource(patience, time);
        try
        {
            var read = await connection.Transport.Input.ReadAsync(silence.Token);
            connection.Transport.Input.AdvanceTo(read.Buffer.Start);
            return !read.Buffer.IsEmpty;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private Count? Enter(IPAddress address, bool isForHealth)
    {
        while (true)
        {
            var count = _addresses.GetOrAdd(address, static _ => new Count());
            lock (count)
            {
                if (count.IsGone)
                    continue;

                if (isForHealth ? count.ForHealth == ReserveOfOneAddress : count.Open == mostOfOneAddress)
                    return null;

                if (isForHealth)
                    count.ForHealth++;
                else
                    count.Open++;
                return count;
            }
        }
    }

    private void Leave(IPAddress address, Count count, bool isForHealth)
    {
        lock (count)
        {
            if (isForHealth)
                count.ForHealth--;
            else
                count.Open--;
            if (count.Open > 0 || count.ForHealth > 0)
                return;

            count.IsGone = true;
            _addresses.TryRemove(address, out _);
        }
    }

    /// <summary>Gets the address that is counted: of an IPv6 address the network (64 bits), because a client usually has all addresses of one.</summary>
    private static IPAddress Network(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    /// <summary>
    /// The times of a connection that was accepted for health requests only. The server's own limits are too long for it: a slow head may take
    /// 10 s, and a body that is announced and not sent 5 s after the response.
    /// </summary>
    private sealed class HealthConnection : IAsyncDisposable
    {
        private readonly ITimer _head;
        private readonly ITimer _end;
        private volatile bool _hasRequest;

        public HealthConnection(ConnectionContext connection, TimeProvider time)
        {
            _head = time.CreateTimer(
                _ =>
                {
                    if (!_hasRequest)
                        connection.Abort();
                },
                null,
                LittlePatience,
                Timeout.InfiniteTimeSpan);
            _end = time.CreateTimer(_ => connection.Abort(), null, LongestHealthRequest, Timeout.InfiniteTimeSpan);
        }

        /// <summary>Sets a value that says that the head of the request has arrived.</summary>
        public bool HasRequest
        {
            set => _hasRequest = value;
        }

        public async ValueTask DisposeAsync()
        {
            await _head.DisposeAsync();
            await _end.DisposeAsync();
        }
    }

    private sealed class Count
    {
        public int Open { get; set; }

        public int ForHealth { get; set; }

        public bool IsGone { get; set; }
    }
}
