using Lookup.Domain.Diagnostics;
using Lookup.Domain.Feed;

namespace Lookup.Functions.Telemetry;

/// <summary>The counters of the change feed: pages, changes and cost. The statistics and the metrics both read them.</summary>
internal sealed class FeedCounters
{
    private readonly RequestUnitCounter _charge = new();
    private long _polls;
    private long _changes;

    /// <summary>Gets the cost of polling, in request units.</summary>
    public double RequestCharge => _charge.Total;

    /// <summary>Gets the number of pages that were read.</summary>
    public long Polls => Interlocked.Read(ref _polls);

    /// <summary>Gets the number of changes on these pages.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>Counts a page.</summary>
    public void Count(in FeedPage page)
    {
        _charge.Add(page.RequestCharge);
        Interlocked.Increment(ref _polls);
        Interlocked.Add(ref _changes, page.Changes.Count);
    }
}
