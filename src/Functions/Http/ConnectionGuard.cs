using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Lookup.Functions.Http;

/// <summary>
/// The limits of connections: their number, their number from one remote address, and the time until the first byte. A few connections above
/// either number are accepted for health requests only, so that a flood of connections does not make the instance appear unhealthy, even to
/// a probe that comes from the same address as the flood, as it does behind a proxy.
/// </summary>
/// <param name="max">The maximum number of connections (<c>Lookup__MaxConnections</c>).</param>
/// <param name="maxPerAddress">The maximum number from one address (<c>Lookup__MaxConnectionsPerAddress</c>); unlimited behind the Functions host.</param>
/// <param name="time">The clocks.</param>
internal sealed class ConnectionGuard(int max, int maxPerAddress, TimeProvider time)
{
    /// <summary>The number of additional connections, for health requests only.</summary>
    public const int Reserve = 64;

    /// <summary>The maximum number of additional connections from one address.</summary>
    public const int ReserveOfOneAddress = 16;

    /// <summary>The time within which a new connection must send its first byte.</summary>
    public static readonly TimeSpan FirstByteTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The time within which a connection that is accepted for health requests only must send the head of its request.</summary>
    public static readonly TimeSpan ReserveHeadTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The time after which such a connection is closed, whatever it sends, reads or waits for.</summary>
    public static readonly TimeSpan MaxHealthRequestTime = TimeSpan.FromSeconds(3);

    private static readonly object Mark = new();

    private readonly ConcurrentDictionary<IPAddress, Count> _addresses = new();
    private int _open;
    private int _openForHealth;

    /// <summary>
    /// Determines whether a request arrived on a connection that was accepted for health requests only, and notes that the connection has
    /// sent the head of its request.
    /// </summary>
    public static bool IsForHealthOnly(HttpContext context)
    {
        if (context.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionItemsFeature>()?.Items.TryGetValue(Mark, out var item) != true)
            return false;

        ((HealthConnection)item!).HasRequest = true;
        return true;
    }

    /// <summary>Serves a connection from its first byte on, or closes it if it exceeds a limit.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address is { } remote ? Network(remote) : IPAddress.None;
        if (Enter(address) is not ({ } count, var isForHealth))
        {
            connection.Abort();
            return;
        }

        try
        {
            await using var health = isForHealth ? new HealthConnection(connection, time) : null;
            if (health is not null)
                connection.Items[Mark] = health;
            if (!await WaitForFirstByteAsync(connection, FirstByteTimeout))
            {
                connection.Abort();
                return;
            }

            await next(connection);
        }
        finally
        {
            Leave(address, count, isForHealth);
        }
    }

    /// <summary>Waits for the first bytes without consuming them.</summary>
    private async Task<bool> WaitForFirstByteAsync(ConnectionContext connection, TimeSpan timeout)
    {
        using var cancellation = new CancellationTokenSource(timeout, time);
        try
        {
            var read = await connection.Transport.Input.ReadAsync(cancellation.Token);
            connection.Transport.Input.AdvanceTo(read.Buffer.Start);
            return !read.Buffer.IsEmpty;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    /// <summary>Counts a connection, as an ordinary one if neither limit is reached, otherwise as one for health requests only.</summary>
    /// <returns>The count of its address, or <see langword="null"/> if there is no place of either kind.</returns>
    private (Count Count, bool IsForHealth)? Enter(IPAddress address)
    {
        while (true)
        {
            var count = _addresses.GetOrAdd(address, static _ => new Count());
            lock (count)
            {
                if (count.IsGone)
                    continue;

                if (count.Open < maxPerAddress && TryTake(ref _open, max))
                {
                    count.Open++;
                    return (count, false);
                }

                if (count.ForHealth < ReserveOfOneAddress && TryTake(ref _openForHealth, Reserve))
                {
                    count.ForHealth++;
                    return (count, true);
                }

                RemoveIfUnused(address, count);
                return null;
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
            Interlocked.Decrement(ref isForHealth ? ref _openForHealth : ref _open);
            RemoveIfUnused(address, count);
        }
    }

    private void RemoveIfUnused(IPAddress address, Count count)
    {
        if (count.Open > 0 || count.ForHealth > 0)
            return;

        count.IsGone = true;
        _addresses.TryRemove(address, out _);
    }

    private static bool TryTake(ref int taken, int limit)
    {
        if (Interlocked.Increment(ref taken) <= limit)
            return true;

        Interlocked.Decrement(ref taken);
        return false;
    }

    /// <summary>
    /// Gets the address under which a connection is counted. For IPv6 it is that of the network (64 bits), because a client usually has all
    /// addresses of a network.
    /// </summary>
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
                ReserveHeadTimeout,
                Timeout.InfiniteTimeSpan);
            _end = time.CreateTimer(_ => connection.Abort(), null, MaxHealthRequestTime, Timeout.InfiniteTimeSpan);
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
