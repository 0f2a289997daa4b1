namespace Lookup.Domain.SharedTier;

/// <summary>
/// The port to a second cache tier that several instances share, such as Redis or memcached. It stores opaque values.
/// </summary>
/// <remarks>
/// A tier is never trusted to be current: it may lose values, return any value that was ever written under a key, and apply a write after its
/// caller has given up. A failure is a <see cref="SharedTierException"/>, and a canceled call throws <see cref="OperationCanceledException"/>.
/// Implementations must be thread-safe.
/// </remarks>
public interface ISharedTier
{
    /// <summary>Returns the value of a key, or <see langword="null"/> if there is none.</summary>
    /// <param name="key">The key: 1 to 200 printable ASCII characters without blanks.</param>
    /// <param name="cancellationToken">A token that includes the time limit of the call.</param>
    ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Returns the values of several keys, in their order, in as few round trips as the tier allows.</summary>
    /// <param name="keys">The keys; at least one.</param>
    /// <param name="cancellationToken">A token that includes the time limit of the call.</param>
    ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Writes a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="timeToLive">The time after which the tier removes it; at most 30 days.</param>
    /// <param name="cancellationToken">A token that includes the time limit of the call.</param>
    ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>Writes a value if the key has none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="timeToLive">The time after which the tier removes it; at most 30 days.</param>
    /// <param name="cancellationToken">A token that includes the time limit of the call.</param>
    /// <returns><see langword="true"/> if the value was written.</returns>
    ValueTask<bool> TryAddAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken);

    /// <summary>Removes a key, if the tier has it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">A token that includes the time limit of the call.</param>
    ValueTask DeleteAsync(string key, CancellationToken cancellationToken);
}
