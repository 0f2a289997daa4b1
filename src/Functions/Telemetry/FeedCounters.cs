using Lookup.Domain.Feed;

namespace Lookup.Functions.Telemetry;

/// <summary>The counters of the change feed: pages, changes and cost. The statistics and the metrics both read them.</summary>
internal sealed class FeedCounters
{
    private const double Scale = 1000; // charges have two decimals; they are summed in thousandths

    private long _charge;
    private long _polls;
    private long _changes;

    /// <summary>Gets the cost of polling, in request units.</summary>
    public double RequestCharge => Interlocked.Read(ref _charge) / Scale;

    /// <summary>Gets the number of pages that were read.</summary>
    public long Polls => Interlocked.Read(ref _polls);

    /// <summary>Gets the number of changes on these pages.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>Counts a page.</summary>
    public void Count(in FeedPage page)
    {
        Interlocked.Add(ref _charge, (long)(page.RequestCharge * Scale));
        Interlocked.Increment(ref _polls);
        Interlocked.Add(ref _changes, page.Changes.Count);
    }
}
