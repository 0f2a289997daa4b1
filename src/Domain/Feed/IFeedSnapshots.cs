using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>The port to the snapshots of other instances, from which an instance that starts can continue.</summary>
public interface IFeedSnapshots
{
    /// <summary>Returns the latest snapshots of the ranges, as far as there are any. It does not fail, and takes at most a second or so.</summary>
    /// <param name="source">The <see cref="FeedStart.Source"/>.</param>
    /// <param name="cancellationToken">The cancellation token of the follower.</param>
    ValueTask<IReadOnlyList<RangeSnapshot>> LoadAsync(string source, CancellationToken cancellationToken);
}

/// <summary>The snapshots of the ranges that an instance follows without a gap.</summary>
/// <param name="Source">The <see cref="FeedStart.Source"/>.</param>
/// <param name="Ranges">The snapshots.</param>
public sealed record FeedSnapshot(string Source, IReadOnlyList<RangeSnapshot> Ranges);
