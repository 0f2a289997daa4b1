using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Feed;

/// <summary>The position in one feed range, or in each part of it after a split, and the one poll of it that may be in progress.</summary>
/// <remarks>
/// The parts of a range that has split are read side by side, each from its own position, and the range has come to its end when each
/// of them has. Because their ends are found at different times, the range is confirmed as of the earliest:
/// <code>
/// part A                      part B                                    confirmed as of the latest end
/// polled: no more changes
///                             polled: a page
/// user of A changes
///                             polled again: no more changes             confirms the user of A, whose change was not read
/// </code>
/// </remarks>
internal sealed class FeedRangeFollower(
    int index,
    FeedPosition start,
    IChangeFeed feed,
    IChangeSink changes,
    FreshnessTracker freshness,
    FollowerOptions options,
    TimeProvider time,
    IFollowerObserver observer,
    CancellationTokenSource following)
{
    /// <summary>
    /// The number of poll deadlines that a poll may read on without coming to the end. A feed that is behind for that long, because
    /// there are more changes than can be read, is better started again from now.
    /// </summary>
    private const int MaxPollDeadlines = 5;

    private readonly Lock _gate = new();
    private readonly CancellationToken _stopped = following.Token;
    private IReadOnlyList<FeedPosition> _parts = [start];
    private TaskCompletionSource<PollOutcome>? _poll;
    private long _polledAt = FeedEpoch.Never;

    /// <summary>When the last poll was sent that came back.</summary>
    public long PolledAt => Volatile.Read(ref _polledAt);

    /// <summary>Whether the range was polled to its end in the present epoch.</summary>
    public bool IsConfirmed => freshness.Current.RangeConfirmedAt(index) != FeedEpoch.Never;

    public FeedRangeState StateAt(long now)
    {
        var at = freshness.Current.RangeConfirmedAt(index);
        return new FeedRangeState(start.Range, at == FeedEpoch.Never ? null : TimeSpan.FromTicks(Math.Max(0, now - at)));
    }

    /// <summary>Polls the range to its end, or joins the poll that is in progress. Does not fail.</summary>
    public Task<PollOutcome> PollAsync()
    {
        TaskCompletionSource<PollOutcome> poll;
        lock (_gate)
        {
            if (_poll is not null)
                return _poll.Task;
            _poll = poll = new TaskCompletionSource<PollOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = RunAsync(poll);
        return poll.Task;
    }

    private async Task RunAsync(TaskCompletionSource<PollOutcome> poll)
    {
        var result = await PollPartsAsync(_parts, freshness.Clock.MonotonicNow);
        _parts = result.Parts;
        if (result.Outcome == PollOutcome.EndReached)
            Confirm(result.Epoch!, result.SentAt);
        lock (_gate)
            _poll = null;
        poll.SetResult(result.Outcome);
    }

    /// <summary>Polls all parts to their ends side by side, and sums up. Does not fail.</summary>
    private async Task<PartResult> PollPartsAsync(IReadOnlyList<FeedPosition> parts, long since)
    {
        if (parts.Count == 1)
            return await PollPartAsync(parts[0], since);

        var results = await Task.WhenAll(parts.Select(part => PollPartAsync(part, since)));
        return results.Aggregate((one, other) => one.And(other));
    }

    /// <summary>Polls one part to its end, or all that it splits into meanwhile. Does not fail.</summary>
    private async Task<PartResult> PollPartAsync(FeedPosition position, long since)
    {
        try
        {
            while (true)
            {
                // The epoch is looked up before the poll is sent: if it ends meanwhile, this poll confirms nothing.
                var epoch = freshness.Current;
                var sentAt = freshness.Clock.Now;
                var page = await ReadAsync(position);
                Apply(position.Range, page, sentAt);
                if (page.EndReached)
                    return new PartResult(PollOutcome.EndReached, page.Next, epoch, sentAt);
                if (page.Next.Count > 1)
                    return await PollPartsAsync(page.Next, since);

                // More may have come while this page was applied; only "no more changes" is the end.
                position = page.Next[0];
                if (freshness.Clock.MonotonicNow - since > MaxPollDeadlines * options.PollDeadline.Ticks)
                    throw new FeedGapException("Changes come faster than they are read: the feed is read from now on instead.");
            }
        }
        catch (FeedGapException exception)
        {
            observer.GapFound(position.Range, exception);
            if (exception.IsAnotherFeed)
                changes.StartOver();
            StopAll();
            return new PartResult(PollOutcome.Gap, [position], null, FeedEpoch.Never);
        }
        catch (Exception exception)
        {
            // Stopping is no failure.
            if (exception is not OperationCanceledException || !_stopped.IsCancellationRequested)
                observer.PollFailed(position.Range, exception);
            return new PartResult(PollOutcome.Failed, [position], null, FeedEpoch.Never);
        }
    }

    /// <summary>
    /// A position that is lost ends all ranges, whatever caused the poll: a loop that waits for its turn or for a backoff is told now.
    /// </summary>
    private void StopAll()
    {
        try
        {
            following.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // They have just ended by themselves.
        }
    }

    private async Task<FeedPage> ReadAsync(FeedPosition position)
    {
        using var deadline = new CancellationTokenSource(options.PollDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopped, deadline.Token);
        try
        {
            return await feed.ReadAsync(position, either.Token);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !_stopped.IsCancellationRequested)
        {
            var text = $"The change feed did not answer within {options.PollDeadline.TotalSeconds:0.###} s.";
            throw new UserStoreException(UserStoreFailure.TimedOut, text, e);
        }
    }

    private void Apply(string range, in FeedPage page, long sentAt)
    {
        foreach (var change in page.Changes)
            changes.Evict(change, EvictionSource.Follower);

        if (page.Unreadable > 0)
        {
            freshness.EndEpoch();
            observer.ChangesUnreadable(range, page.Unreadable);
        }

        Volatile.Write(ref _polledAt, sentAt);
        observer.PageRead(range, page);
    }

    private void Confirm(FeedEpoch epoch, long sentAt)
    {
        if (freshness.Confirm(epoch, index, sentAt))
            observer.Armed(epoch.Number);
    }

    /// <summary>The result of polling one part, or several.</summary>
    /// <param name="Outcome">The worst of theirs.</param>
    /// <param name="Parts">Where to read on.</param>
    /// <param name="Epoch">The oldest epoch in which an end was found; <see langword="null"/> unless all have come to their ends.</param>
    /// <param name="SentAt">When the poll was sent that found the earliest end.</param>
    private readonly record struct PartResult(PollOutcome Outcome, IReadOnlyList<FeedPosition> Parts, FeedEpoch? Epoch, long SentAt)
    {
        public PartResult And(PartResult other)
        {
            var outcome = Outcome > other.Outcome ? Outcome : other.Outcome;
            FeedPosition[] parts = [.. Parts, .. other.Parts];
            return outcome == PollOutcome.EndReached
                ? new PartResult(outcome, parts, Epoch!.Number < other.Epoch!.Number ? Epoch : other.Epoch, Math.Min(SentAt, other.SentAt))
                : new PartResult(outcome, parts, null, FeedEpoch.Never);
        }
    }
}

/// <summary>The outcome of a poll, the worst last.</summary>
internal enum PollOutcome
{
    /// <summary>There were no more changes.</summary>
    EndReached,

    /// <summary>It can be tried again from where it stood.</summary>
    Failed,

    /// <summary>The position can never be read on.</summary>
    Gap,
}
