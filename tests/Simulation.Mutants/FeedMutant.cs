using System.Globalization;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;

namespace Lookup.Simulation.Mutants;

/// <summary>A mutant that draws wrong conclusions from the pages of the feed.</summary>
internal sealed class FeedMutant(string name, Action<PollWatch> choose) : Mutant(name)
{
    public override (IChangeFeed Feed, IFollowerObserver Observer) Feed(IChangeFeed feed, IFollowerObserver observer, FreshnessTracker freshness)
    {
        var watch = new PollWatch(feed, observer, freshness);
        choose(watch);
        return (watch, watch);
    }
}

/// <summary>A feed and its observer, which confirm entries too early or without proof, or hide what polls cost.</summary>
internal sealed class PollWatch(IChangeFeed feed, IFollowerObserver observer, FreshnessTracker freshness) : IChangeFeed, IFollowerObserver
{
    private readonly Dictionary<string, (FeedEpochs Epochs, long SentAt)> _polls = [];
    private string[] _ranges = [];

    /// <summary>
    /// Gets or sets a value that indicates whether changes that cannot be parsed are skipped without ending the epoch
    /// (<c>SkipUnreadable</c>).
    /// </summary>
    public bool HidesUnreadable { get; set; }

    /// <summary>
    /// Gets or sets a value that indicates whether a poll confirms before its changes were applied (<c>ConfirmBeforeApply</c>).
    /// </summary>
    public bool ConfirmsEveryPage { get; set; }

    /// <summary>
    /// Gets or sets a value that indicates whether a poll confirms as of its receipt instead of its sending (<c>ConfirmAtReceipt</c>).
    /// </summary>
    public bool ConfirmsAsOfReceipt { get; set; }

    /// <summary>
    /// Gets or sets a value that indicates whether the first page arms the epoch although it is not the end (<c>ArmBeforeEnd</c>).
    /// </summary>
    public bool ConfirmsAppliedPages { get; set; }

    /// <summary>
    /// Gets or sets a value that indicates whether the poll of one range confirms all ranges (<c>ConfirmByOneRange</c>).
    /// </summary>
    public bool ConfirmsAllRanges { get; set; }

    /// <summary>Gets or sets a value that indicates whether polls are not charged (<c>PollsCostNothing</c>).</summary>
    public bool HidesCharges { get; set; }

    public async ValueTask<FeedStart> StartAsync(CancellationToken cancellationToken)
    {
        var start = await feed.StartAsync(cancellationToken);
        _ranges = [.. start.Positions.Select(position => position.Range)];
        return start;
    }

    public async ValueTask<FeedPage> ReadAsync(FeedPosition position, CancellationToken cancellationToken)
    {
        var poll = (Epochs: freshness.Current, SentAt: freshness.Clock.Now);
        var page = await feed.ReadAsync(position, cancellationToken);
        _polls[position.Range] = ConfirmsAsOfReceipt ? (poll.Epochs, freshness.Clock.Now) : poll;
        if (ConfirmsEveryPage)
        {
            Confirm(poll.Epochs[IndexOf(position.Range)], poll.SentAt);
            await Task.Yield();
        }

        if (HidesCharges)
            page = page with { RequestCharge = 0 };
        return HidesUnreadable ? page with { Unreadable = 0 } : page;
    }

    public void PageRead(string range, in FeedPage page)
    {
        observer.PageRead(range, page);
        var (epochs, sentAt) = _polls[range];
        if (ConfirmsAppliedPages || (ConfirmsAsOfReceipt && page.EndReached && _ranges.Contains(range)))
            Confirm(epochs[IndexOf(range)], sentAt);
        if (!ConfirmsAllRanges || !page.EndReached)
            return;

        for (var i = 0; i < _ranges.Length; i++)
            Confirm(epochs[i], sentAt);
    }

    public void EpochBegan(long epoch, int ranges) => observer.EpochBegan(epoch, ranges);

    public void Armed(long epoch) => observer.Armed(epoch);

    public void PollFailed(string? range, Exception exception) => observer.PollFailed(range, exception);

    public void GapFound(string range, Exception exception) => observer.GapFound(range, exception);

    public void ChangesUnreadable(string range, int count) => observer.ChangesUnreadable(range, count);

    public void PartitionerAbandoned(string range) => observer.PartitionerAbandoned(range);

    private void Confirm(FeedEpoch epoch, long sentAt)
    {
        if (freshness.Confirm(epoch, sentAt) is { } armed)
            observer.Armed(armed);
    }

    /// <summary>Returns the index of the feed range that contains a part, based on the users in their names.</summary>
    private int IndexOf(string range) => Array.FindLastIndex(_ranges, start => FirstUserOf(start) <= FirstUserOf(range));

    private static int FirstUserOf(string range) =>
        int.Parse(range.AsSpan(0, range.IndexOf('-', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
}
