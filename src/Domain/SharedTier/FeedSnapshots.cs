using System.Security.Cryptography;
using System.Text;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.SharedTier;

/// <summary>
/// The exchange of feed snapshots in a shared tier. About every 15 seconds, one of the instances writes what it knows of the feed ranges. An instance that
/// starts continues from there, and can therefore accept entries of the tier as soon as it has read the few changes since.
/// </summary>
/// <remarks>
/// Without it, nothing from before the start is covered: all entries of the tier are refused that no instance has read since.
/// </remarks>
/// <param name="tier">The tier. Its calls are limited here, because a snapshot is larger than an entry and no request waits for it.</param>
/// <param name="opened">
/// Returns whether the tier may be used, or waits until that is known. A start waits for it within the limit.
/// </param>
/// <param name="time">The clocks.</param>
public sealed class FeedSnapshots(ISharedTier tier, Func<CancellationToken, Task<bool>> opened, TimeProvider time) : IFeedSnapshots
{
    /// <summary>The interval between two snapshots of all instances together.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <summary>The maximum age of a snapshot: after a longer time, reading the changes since costs more than the tier saves.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    /// <summary>The time limit of a start, and of each attempt to write.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>How far in the future a snapshot may be, if the clock of its instance is wrong.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    private long _written;
    private long _failures;

    /// <summary>Gets the number of snapshots that this instance has written.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Gets the number of attempts to load or write a snapshot that failed.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RangeSnapshot>> LoadAsync(string source, CancellationToken cancellationToken)
    {
        IReadOnlyList<RangeSnapshot> ranges = [];
        await LimitAsync(
            async token =>
            {
                if (await opened(token))
                    ranges = await ReadAsync(source, token);
            },
            cancellationToken);
        return ranges;
    }

    /// <summary>Writes snapshots until the token is canceled. This method does not fail otherwise.</summary>
    /// <param name="take">Returns what the instance knows, or <see langword="null"/> if there is nothing.</param>
    /// <param name="cancellationToken">The token.</param>
    public async Task RunAsync(Func<FeedSnapshot?> take, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Interval, time, cancellationToken);
            await LimitAsync(
                async token =>
                {
                    if (await opened(token) && take() is { } own && await IsNextAsync(own.Source, token))
                        await WriteAsync(own, token);
                },
                cancellationToken);
        }
    }

    /// <summary>
    /// Determines whether this instance is the one that writes now. The key expires before the interval ends, so that the same instance can be the next.
    /// </summary>
    private ValueTask<bool> IsNextAsync(string source, CancellationToken cancellationToken) =>
        tier.TryAddAsync(KeyOf(source, "turn"), new byte[1], Interval - TimeSpan.FromSeconds(1), cancellationToken);

    private async Task WriteAsync(FeedSnapshot own, CancellationToken cancellationToken)
    {
        // The ranges that this instance does not follow at the moment, for example because they have no lookups here, are kept from the last snapshot.
        var ranges = (await ReadAsync(own.Source, cancellationToken)).Concat(own.Ranges).GroupBy(range => range.Range, StringComparer.Ordinal);
        RangeSnapshot[] latest = [.. ranges.Select(each => each.MaxBy(range => range.ConfirmedAt)!)];
        if (FeedSnapshotFormat.Write(own with { Ranges = latest }) is not { } value)
            return;

        await tier.SetAsync(KeyOf(own.Source, "feed"), value, MaxAge, cancellationToken);
        Interlocked.Increment(ref _written);
    }

    /// <summary>Reads the snapshots that are not too old.</summary>
    private async ValueTask<IReadOnlyList<RangeSnapshot>> ReadAsync(string source, CancellationToken cancellationToken)
    {
        if (await tier.GetAsync(KeyOf(source, "feed"), cancellationToken) is not { } value || FeedSnapshotFormat.TryRead(value.Span, source) is not { } snapshot)
            return [];

        var now = time.GetUtcNow().UtcDateTime;
        return [.. snapshot.Ranges.Where(range => now - range.ConfirmedAt <= MaxAge && range.ConfirmedAt - now <= ClockTolerance)];
    }

    /// <summary>Uses the tier for at most <see cref="Limit"/>. Whatever fails has no consequence: an instance without a snapshot starts from now.</summary>
    private async Task LimitAsync(Func<CancellationToken, Task> use, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await use(either.Token);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            Interlocked.Increment(ref _failures);
        }
    }

    private static string KeyOf(string source, string suffix)
    {
        var hash = SHA256.HashData([FeedSnapshotFormat.Version, .. Encoding.UTF8.GetBytes(source)]);
        return $"{SharedTierKeys.Prefix}{Convert.ToHexStringLower(hash.AsSpan(0, 16))}:{suffix}";
    }
}
