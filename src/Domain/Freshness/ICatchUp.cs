namespace Lookup.Domain.Freshness;

/// <summary>The operations of the change feed follower that the read path uses.</summary>
internal interface ICatchUp
{
    /// <summary>Determines whether to poll feed ranges, instead of reading entries that a poll could confirm.</summary>
    /// <param name="range">The index of the feed range, or <see cref="FeedEpoch.AllRanges"/>.</param>
    /// <param name="price">The price of the reads, in request units.</param>
    bool Buys(int range, double price);

    /// <summary>
    /// Polls feed ranges once, or joins the polls in progress, and waits for the result until the timeout at the latest. Fails only if it
    /// is canceled.
    /// </summary>
    /// <param name="range">The index of the feed range, or <see cref="FeedEpoch.AllRanges"/>.</param>
    /// <param name="timeout">The maximum time to wait.</param>
    /// <param name="cancellationToken">The cancellation token of the request.</param>
    ValueTask CatchUpAsync(int range, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Resumes polling if it is paused.</summary>
    void Wake();
}
