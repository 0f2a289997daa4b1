using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>
/// The follower of one feed range, or of each of its parts after a split. At most one poll of the range is in progress at a time.
/// </summary>
/// <remarks>
/// A gap ends the epoch of this range, and that of all ranges together, and the range is read from now again.
/// <para>
/// The parts of a range that has split are read concurrently, each from its own position. The end of the range is reached when the end of
/// each part is reached. Because these ends are found at different times, the range is confirmed as of the earliest:
/// </para>
/// <code>
/// part A                      part B                                    if confirmed as of the latest end
/// polled: no more changes
///                             polled: a page
/// user of A changes
///                             polled again: no more changes             confirms the user of A, whose change was not read
/// </code>
/// </remarks>
internal sealed partial class FeedRangeFollower(
    int index,
    FeedPosition start,
    RangePart first,
    IChangeFeed feed,
    IChangeSink changes,
    FreshnessTracker freshness,
    FollowerOptions options,
    TimeProvider time,
    IFollowerObserver observer,
    FeedEconomy economy,
    CancellationTokenSource following)
{
    /// <summary>
    /// The number of poll deadlines for which a poll may continue without reaching the end. A feed that stays behind for this long, because
    /// changes arrive faster than they can be read, is restarted from now.
    /// </summary>
    private const int MaxPollDeadlines = 5;

    private readonly Lock _gate = new();
    private readonly Lock _catchUpGate = new();
    private readonly CancellationToken _stopped = following.Token;
    private IReadOnlyList<RangePart> _parts = [first];
    private long _givesUpAt = first.Position == start ? long.MaxValue : freshness.Clock.Now + (MaxPollDeadlines * options.PollDeadline.Ticks);
    private TaskCompletionSource<PollOutcome>? _poll;
    private bool _isStopped;
    private long _failedAt = FeedEpoch.Never; // Never if the last poll was successful, or if the range is not polled on purpose
    private Task<PollOutcome>? _catchUp;
    private long _catchUpStartedAt;

    /// <summary>Gets the index of the range.</summary>
    public int Index => index;

    /// <summary>Gets a value that indicates whether the range was polled to its end in the current epoch.</summary>
    public bool IsArmed => freshness.Current[index].IsArmed;

    /// <summary>Gets a value that indicates whether the range is followed from the position of another instance, and was not polled to its end yet.</summary>
    public bool IsResumed => Volatile.Read(ref _givesUpAt) != long.MaxValue;

    /// <summary>Returns what this instance knows of the range, or <see langword="null"/> if it does not follow the range without a gap.</summary>
    public RangeSnapshot? TakeSnapshot() => Volatile.Read(ref _parts) is [{ Reached.IsKnown: true } part]
        ? freshness.Coverage?.TakeSnapshot(index, part.Reached, start.Range, part.Position.Token, time.GetUtcNow().UtcDateTime)
        : null;

    public FeedRangeState StateAt(long now)
    {
        var epochs = freshness.Current;
        if (index >= epochs.Count)
            return new FeedRangeState(start.Range, null);

        var at = epochs[index].ConfirmedAt;
        var saved = (epochs.All.Account.TotalSaved / epochs.Count) + epochs[index].Account.TotalSaved;

        // A range that is polled for requests only may not be polled again for a long time.
        var interval = economy.IntervalOf(index);
        var failedAt = Volatile.Read(ref _failedAt);
        return new FeedRangeState(start.Range, at == FeedEpoch.Never ? null : TimeSpan.FromTicks(Math.Max(0, now - at)))
        {
            Interval = interval,
            HasFailed = failedAt != FeedEpoch.Never && (interval is not null || now - failedAt <= 2 * freshness.MaxStaleness),
            PollCharge = economy.CostOf(index),
            SavedCharge = saved,
        };
    }

    /// <summary>Records that the range is not polled on purpose, so that the failure of its last poll does not matter.</summary>
    public void ClearFailure() => Volatile.Write(ref _failedAt, FeedEpoch.Never);

    /// <summary>Polls the range to its end, if that was paid for, or joins the poll that is in progress. Does not fail.</summary>
    public Task<PollOutcome> PollAsync()
    {
        TaskCompletionSource<PollOutcome> poll;
        lock (_gate)
        {
            if (_poll is not null)
                return _poll.Task;
            if (_isStopped)
                return Task.FromResult(PollOutcome.Failed);
            if (!economy.TryTakePayment(index))
                return Task.FromResult(PollOutcome.NotPaid);
            _poll = poll = new TaskCompletionSource<PollOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ = RunAsync(poll);
        return poll.Task;
    }

    /// <summary>
    /// Polls the range, or joins the catch-up in progress, and waits for the result until the timeout at the latest. Fails only if it is
    /// canceled.
    /// </summary>
    public async Task CatchUpAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        Task<PollOutcome> running;
        long startedAt;
        lock (_catchUpGate)
        {
            if (_catchUp is null or { IsCompleted: true })
            {
                var now = freshness.Clock.Now;
                if (HasJustFailed_NeedsLock(now))
                    return;

                _catchUpStartedAt = now;
                _catchUp = PollInContextAsync();
            }

            running = _catchUp;
            startedAt = _catchUpStartedAt;
        }

        // The timeout is measured from the start of the poll. If the feed hangs, it delays the requests that arrive within the timeout, and
        // none that arrive later.
        var left = startedAt + timeout.Ticks - freshness.Clock.Now;
        if (left <= 0 || running.IsCompleted)
            return;

        try
        {
            await running.WaitAsync(TimeSpan.FromTicks(left), time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The request reads the user from the store instead.
        }
    }

    /// <summary>Prevents further polls, and waits for the poll in progress. It is canceled together with the feed.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _isStopped = true;
            return _poll?.Task.WhenEnded() ?? Task.CompletedTask;
        }
    }

    /// <summary>
    /// Polls the range, and returns a task whose continuations run in the context of the awaiting code, which those of a poll do not.
    /// </summary>
    private async Task<PollOutcome> PollInContextAsync() => await PollAsync();

    /// <summary>
    /// Determines whether a catch-up failed less than a poll interval ago. After a failure the range is polled again by its loop, and not by
    /// every request.
    /// </summary>
    private bool HasJustFailed_NeedsLock(long now) =>
        _catchUp is { IsCompletedSuccessfully: true, Result: PollOutcome.Failed or PollOutcome.Gap }
        && now - _catchUpStartedAt < options.PollInterval.Ticks;

    private async Task RunAsync(TaskCompletionSource<PollOutcome> poll)
    {
        using var polling = CancellationTokenSource.CreateLinkedTokenSource(_stopped);
        var sentAt = freshness.Clock.Now;
        var isStart = economy.IsOutdated(index);
        if (isStart)
        {
            freshness.EndEpoch(freshness.Current[index]);
            _parts = [RangePart.From(start)];
        }

        var result = await PollPartsAsync(_parts, freshness.Clock.MonotonicNow, polling);
        Volatile.Write(ref _parts, GivesUpPosition(result.Outcome) || result.Outcome == PollOutcome.Gap ? [RangePart.From(start)] : result.Parts);
        if (result.Outcome == PollOutcome.EndReached)
            Confirm(result);
        Volatile.Write(ref _failedAt, result.Outcome == PollOutcome.EndReached ? FeedEpoch.Never : freshness.Clock.Now);
        lock (_gate)
        {
            // In one step: what is paid from now on is for the next poll, which can begin.
            economy.AddPoll(index, sentAt, result.Outcome == PollOutcome.EndReached, isStart);
            _poll = null;
        }

        poll.SetResult(result.Outcome);
    }

    /// <summary>
    /// Determines whether to start from now, because the position of another instance was not polled to the end in time, whatever the reason. What that
    /// instance knows is then no longer used.
    /// </summary>
    private bool GivesUpPosition(PollOutcome outcome)
    {
        var isOver = outcome == PollOutcome.Failed && freshness.Clock.Now > _givesUpAt;
        if (isOver)
            freshness.EndEpoch(freshness.Current[index]);
        if (isOver || outcome is PollOutcome.EndReached or PollOutcome.Gap)
            Volatile.Write(ref _givesUpAt, long.MaxValue);
        return isOver;
    }

    /// <summary>Polls all parts to their ends concurrently, and combines the results. Does not fail.</summary>
    private async Task<PartResult> PollPartsAsync(IReadOnlyList<RangePart> parts, long since, CancellationTokenSource polling)
    {
        if (parts.Count == 1)
            return await PollPartAsync(parts[0], since, polling);

        var results = await Task.WhenAll(parts.Select(part => PollPartAsync(part, since, polling)));
        return results.Aggregate((one, other) => one.And(other));
    }

    /// <summary>Polls one part to its end, including the parts into which it splits. Does not fail.</summary>
    private async Task<PartResult> PollPartAsync(RangePart part, long since, CancellationTokenSource polling)
    {
        // The epochs are read before each poll is sent. A page belongs to the epoch in which it was requested: if that ends in the meantime,
        // this poll confirms nothing.
        var epochs = freshness.Current;
        var position = part.Position;
        try
        {
            while (true)
            {
                epochs = freshness.Current;
                var sentAt = freshness.Clock.Now;
                var page = await ReadAsync(position, polling.Token);
                Apply(position.Range, page, sentAt, epochs);
                if (page.Next.Count > 1)
                {
                    // Each part has its own partition, whose log sequence numbers are not comparable with those of the one that has split.
                    RangePart[] parts = [.. page.Next.Select(RangePart.From)];
                    return page.EndReached
                        ? new PartResult(PollOutcome.EndReached, parts, epochs[index], sentAt)
                        : await PollPartsAsync(parts, since, polling);
                }

                part = part.After(page);
                if (page.EndReached)
                {
                    // A lagging replica can report "no more changes" although it lacks a change that another one has already returned.
                    return part.IsBehind(page)
                        ? new PartResult(PollOutcome.Failed, [part], null, FeedEpoch.Never)
                        : new PartResult(PollOutcome.EndReached, [part], epochs[index], sentAt);
                }

                // Changes may have been added while this page was applied. Only "no more changes" is the end.
                position = part.Position;
                if (economy.IsTooExpensive(index))
                    throw new FeedGapException("Reading the changes since the last poll costs more than it saves; the range restarts from now.");
                if (freshness.Clock.MonotonicNow - since > MaxPollDeadlines * options.PollDeadline.Ticks)
                    throw new FeedGapException($"No end was found within {MaxPollDeadlines} poll deadlines; the range restarts from now.");
            }
        }
        catch (FeedGapException exception)
        {
            freshness.EndEpoch(epochs[index]);
            observer.GapFound(position.Range, exception);
            if (exception.IsContainerRecreated)
                changes.StartOver(position.Log + 1);

            // If the range cannot be read from its start, the feed as a whole is started again.
            if (exception.IsContainerRecreated || position == start)
                Stop(following);

            Stop(polling); // the other parts, because the whole range is restarted
            return new PartResult(PollOutcome.Gap, [part], null, FeedEpoch.Never);
        }
        catch (Exception exception)
        {
            // Stopping is not a failure.
            if (exception is not OperationCanceledException || !polling.IsCancellationRequested)
                observer.PollFailed(position.Range, exception);
            return new PartResult(PollOutcome.Failed, [part], null, FeedEpoch.Never);
        }
    }

    private static void Stop(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has already ended.
        }
    }
}
