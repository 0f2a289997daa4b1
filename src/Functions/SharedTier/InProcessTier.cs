using System.Collections.Concurrent;
using Lookup.Domain.SharedTier;

namespace Lookup.Functions.SharedTier;

/// <summary>A tier in the memory of this process, for tests.</summary>
/// <remarks>It holds everything until it expires; only its user bounds it.</remarks>
/// <param name="time">The clock by which values expire.</param>
internal sealed class InProcessTier(TimeProvider time) : ISharedTier
{
    private const int WritesBetweenSweeps = 1024;

    private readonly ConcurrentDictionary<string, Held> _values = new(StringComparer.Ordinal);
    private readonly long _origin = time.GetTimestamp();
    private int _writes;

    /// <summary>Gets the number of values held, including those that have expired and have not been removed yet.</summary>
    public int Count => _values.Count;

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<ReadOnlyMemory<byte>?>(cancellationToken)
            : ValueTask.FromResult(Find(key));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        TierLimits.CheckKeys(keys);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<IReadOnlyList<ReadOnlyMemory<byte>?>>(cancellationToken)
            : ValueTask.FromResult<IReadOnlyList<ReadOnlyMemory<byte>?>>([.. keys.Select(Find)]);
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);
        TierLimits.CheckTimeToLive(timeToLive);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        _values[key] = new Held(value.ToArray(), Now + timeToLive);
        SweepNowAndThen();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryAddAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);
        TierLimits.CheckTimeToLive(timeToLive);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellationToken);

        // The value that is held afterwards is this call's own object only if this call has put it there.
        var added = new Held(value.ToArray(), Now + timeToLive);
        var held = _values.AddOrUpdate(key, added, (_, present) => present.ExpiresAt > Now ? present : added);
        SweepNowAndThen();
        return ValueTask.FromResult(ReferenceEquals(held, added));
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken)
    {
        TierLimits.CheckKey(key);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        _values.TryRemove(key, out _);
        return ValueTask.CompletedTask;
    }

    private TimeSpan Now => time.GetElapsedTime(_origin);

    private ReadOnlyMemory<byte>? Find(string key) =>
        _values.TryGetValue(key, out var held) && held.ExpiresAt > Now ? held.Value : default(ReadOnlyMemory<byte>?);

    private void SweepNowAndThen()
    {
        if (Interlocked.Increment(ref _writes) % WritesBetweenSweeps != 0)
            return;

        var now = Now;
        foreach (var pair in _values)
        {
            if (pair.Value.ExpiresAt <= now)
                _values.TryRemove(pair);
        }
    }

    private sealed class Held(byte[] value, TimeSpan expiresAt)
    {
        public ReadOnlyMemory<byte> Value => value;

        public TimeSpan ExpiresAt => expiresAt;
    }
}
