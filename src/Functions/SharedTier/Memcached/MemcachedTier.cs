using Lookup.Domain.SharedTier;

namespace Lookup.Functions.SharedTier.Memcached;

/// <summary>A tier in memcached 1.6 or newer, by its meta protocol.</summary>
/// <remarks>
/// There is one connection per core, opened when it is first needed. A key always uses the same one, so that the server executes commands for it
/// in the order in which they were sent.
/// </remarks>
internal sealed class MemcachedTier : ISharedTier, IDisposable
{
    /// <summary>The maximum size of a value in bytes. The server's own limit is 1 MiB with its header and the key.</summary>
    public const int MaxValueBytes = 1_000_000;

    private readonly MemcachedConnection[] _connections;

    /// <param name="host">The name or the address of the server.</param>
    /// <param name="port">Its port.</param>
    /// <param name="time">The clock for pauses and limits.</param>
    public MemcachedTier(string host, int port, TimeProvider time) =>
        _connections = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new MemcachedConnection(host, port, time))];

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);
        return ValueOf(await SendAsync(MetaRequest.Get(key), cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        TierLimits.CheckKeys(keys);

        // All are sent before the first is awaited: one round trip.
        var replies = await Task.WhenAll(keys.Select(key => SendAsync(MetaRequest.Get(key), cancellationToken)));
        return Array.ConvertAll(replies, ValueOf);
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        Check(key, value, timeToLive);
        await SendAsync(MetaRequest.Set(key, value, timeToLive), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryAddAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        Check(key, value, timeToLive);
        return (await SendAsync(MetaRequest.Add(key, value, timeToLive), cancellationToken)).Status == MetaStatus.Done;
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);
        await SendAsync(MetaRequest.Delete(key), cancellationToken);
    }

    /// <summary>Closes the connections. Calls in flight fail.</summary>
    public void Dispose() => Array.ForEach(_connections, connection => connection.Dispose());

    private static void Check(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive)
    {
        TierLimits.CheckKey(key);
        TierLimits.CheckTimeToLive(timeToLive);
        if (value.Length > MaxValueBytes)
            throw new SharedTierException($"A value of {value.Length} bytes is too large for memcached; the limit is {MaxValueBytes} bytes.");
    }

    private static ReadOnlyMemory<byte>? ValueOf(MetaReply reply) => reply.Status == MetaStatus.Value ? reply.Value : default(ReadOnlyMemory<byte>?);

    private Task<MetaReply> SendAsync(in MetaRequest request, CancellationToken cancellationToken) =>
        _connections[(uint)request.Key.GetHashCode(StringComparison.Ordinal) % (uint)_connections.Length].SendAsync(request, cancellationToken);
}
