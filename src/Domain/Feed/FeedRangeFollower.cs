using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Feed;

/// <summary>
/// The follower of one feed range, or of each of its parts after a split. At most one poll of the range is in progress at a time.
/// </summary>
/// <remarks>
/// The parts of a range that has split are read concurrently, each from its own position. The end of the range is reached when the end of
/// each part is reached. Because these ends are found at different times, the range is confirmed as of the earliest:
/// <code>
/// part A                      part B                                    if confirmed as of the latest end
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
    /// The number of poll deadlines for which a poll may continue without reaching the end. A feed that stays behind for this long, because
    /// changes arrive faster than they can be read, is restarted from now.
    /// </summary>
    private const int MaxPollDeadlines = 5;

    private readonly Lock _gate = new();
    private readonly CancellationToken _stopped = following.Token;
    private IReadOnlyList<FeedPosition> _parts = [start];
    private TaskCompletionSource<PollOutcome>? _poll;
    private long _polledAt = FeedEpoch.Never;

    /// <summary>Gets the time at which the last poll that returned a page was sent.</summary>
    public long PolledAt => Volatile.Read(ref _polledAt);

    /// <summary>Gets a value that indicates whether the range was polled to its end in the current epoch.</summary>
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

    /// <summary>Polls all parts to their ends concurrently, and combines the results. Does not fail.</summary>
    private async Task<PartResult> PollPartsAsync(IReadOnlyList<FeedPosition> parts, long since)
    {
        if (parts.Count == 1)
            return await PollPartAsync(parts[0], since);

        var results = await Task.WhenAll(parts.Select(part => PollPartAsync(part, since)));
        return results.Aggregate((one, other) => one.And(other));
    }

    /// <summary>Polls one part to its end, including the parts into which it splits. Does not fail.</summary>
    private async Task<PartResult> PollPartAsync(FeedPosition position, long since)
    {
        try
        {
            while (true)
            {
                // The epoch is read before the poll is sent. If it ends in the meantime, this poll confirms nothing.
                var epoch = freshness.Current;
                var sentAt = freshness.Clock.Now;
                var page = await ReadAsync(position);
                Apply(position.Range, page, sentAt);
                if (page.EndReached)
                    return new PartResult(PollOutcome.EndReached, page.Next, epoch, sentAt);
                if (page.Next.Count > 1)
                    return await PollPartsAsync(page.Next, since);

                // Changes may have been added while this page was applied. Only "no more changes" is the end.
                position = page.Next[0];
                if (freshness.Clock.MonotonicNow - since > MaxPollDeadlines * options.PollDeadline.Ticks)
                    throw new FeedGapException($"No end was found within {MaxPollDeadlines} poll deadlines; the feed restarts from now.");
            }
        }
        catch (FeedGapException exception)
        {
            observer.GapFound(position.Range, exception);
            if (exception.IsContainerRecreated)
                changes.StartOver();
            StopAll();
            return new PartResult(PollOutcome.Gap, [position], null, FeedEpoch.Never);
        }
        catch (Exception exception)
        {
            // Stopping is not a failure.
            if (exception is not OperationCanceledException || !_stopped.IsCancellationRequested)
                observer.PollFailed(position.Range, exception);
            return new PartResult(PollOutcome.Failed, [position], null, FeedEpoch.Never);
        }
    }

    /// <summary>
    /// Stops the loops of all ranges after a lost position. A loop that waits for its next poll or for a backoff stops immediately, also if
    /// a catch-up found the lost position.
    /// </summary>
    private void StopAll()
    {
        try
        {
            following.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The loops have already ended.
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
            var text = $"The change feed did not respond within {options.PollDeadline.TotalSeconds:0.###} s.";
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

    /// <summary>The result of polling one or more parts.</summary>
    /// <param name="Outcome">The worst outcome of the parts.</param>
    /// <param name="Parts">The positions to continue from.</param>
    /// <param name="Epoch">The oldest epoch in which an end was found, or <see langword="null"/> if a part did not reach its end.</param>
    /// <param name="SentAt">The time at which the poll that found the earliest end was sent.</param>
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

/// <summary>Specifies the outcome of a poll, from best to worst.</summary>
internal enum PollOutcome
{
    /// <summary>There were no more changes.</summary>
    EndReached,

    /// <summary>The poll failed and can be repeated from the same position.</summary>
    Failed,

    /// <summary>The feed can never be read from the position again.</summary>
    Gap,
}
