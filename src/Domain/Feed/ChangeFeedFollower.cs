using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Feed;

/// <summary>
/// The change feed follower of an instance. It evicts users that changed and confirms all other entries. Each feed range has a loop and
/// epochs of its own, and positions are kept in memory only.
/// </summary>
/// <remarks>
/// Polling is paused while there are no lookups or the cache is empty. It resumes when a lookup finds an unconfirmed entry, or when an entry
/// is stored. A gap, which is a position from which the feed can never be read again, ends the epoch of its range and restarts that range. The
/// feed as a whole is restarted if the container was recreated, or if a range cannot be read from its start.
/// </remarks>
public sealed class ChangeFeedFollower : ICatchUp
{
    /// <summary>The maximum time after which a range is considered again, because its epoch or its demand may have changed.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private readonly IChangeFeed _feed;
    private readonly IChangeSink _changes;
    private readonly FreshnessTracker _freshness;
    private readonly FollowerOptions _options;
    private readonly TimeProvider _time;
    private readonly IFollowerObserver _observer;
    private readonly FeedEconomy _economy;
    private readonly IFeedSnapshots? _snapshots;
    private readonly Lock _gate = new();

    private FollowedFeed _followed = FollowedFeed.None;
    private TaskCompletionSource _wake = NewSignal();
    private long _log = 1;
    private bool _hasStarted;

    /// <param name="feed">The feed to follow.</param>
    /// <param name="changes">The receiver of the changes.</param>
    /// <param name="freshness">The freshness state to confirm, shared with the cache.</param>
    /// <param name="options">The intervals and deadlines of polling.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="observer">The receiver of feed events, for logging and metrics.</param>
    /// <param name="snapshots">The snapshots of other instances, or <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ChangeFeedFollower(
        IChangeFeed feed,
        IChangeSink changes,
        FreshnessTracker freshness,
        FollowerOptions options,
        TimeProvider time,
        IFollowerObserver observer,
        IFeedSnapshots? snapshots = null)
    {
        options.Validate();
        _feed = feed;
        _changes = changes;
        _freshness = freshness;
        _options = options;
        _time = time;
        _observer = observer;
        _snapshots = snapshots;
        _economy = new FeedEconomy(options, freshness);
        freshness.Connect(this);
    }

    /// <summary>Gets the state of each feed range, or an empty list while the feed is not started.</summary>
    public IReadOnlyList<FeedRangeState> Ranges
    {
        get
        {
            var now = _freshness.Clock.Now;
            return [.. Volatile.Read(ref _followed).Ranges.Select(range => range.StateAt(now))];
        }
    }

    /// <summary>
    /// Gets a value that indicates whether polling is paused: the cache is empty, or there has been no lookup for
    /// <see cref="FollowerOptions.IdleAfter"/>. A range that is not armed is then polled at most once, or with fixed polling until it is armed.
    /// </summary>
    public bool IsPaused => _changes.IsEmpty || _freshness.Clock.Now - _freshness.LastLookup > _options.IdleAfter.Ticks;

    /// <summary>
    /// Returns what this instance knows of the ranges that it follows without a gap, or <see langword="null"/> if there are none or no tier is shared.
    /// </summary>
    public FeedSnapshot? TakeSnapshot()
    {
        var followed = Volatile.Read(ref _followed);
        var ranges = followed.Ranges.Select(range => range.TakeSnapshot()).OfType<RangeSnapshot>().ToArray();
        return followed.Source is null || ranges.Length == 0 ? null : new FeedSnapshot(followed.Source, ranges);
    }

    /// <summary>Follows the feed until the token is canceled. This method never throws. Only one run at a time is supported.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        try
        {
            while (true)
            {
                failures = await StartAndFollowAsync(cancellationToken) ? 0 : failures + 1;
                await PauseAsync(Backoff.After(failures, _options.PollInterval), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped by the caller.
        }
    }

    bool ICatchUp.Buys(int range, double price) => _economy.Buys(range, price);

    ValueTask ICatchUp.CatchUpAsync(int range, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ((ICatchUp)this).Wake();
        var ranges = Volatile.Read(ref _followed).Ranges;
        if (range == FeedEpoch.AllRanges)
            return new ValueTask(Task.WhenAll(ranges.Select(each => each.CatchUpAsync(timeout, cancellationToken))));

        // The feed may have been restarted with fewer ranges.
        return range < ranges.Length ? new ValueTask(ranges[range].CatchUpAsync(timeout, cancellationToken)) : ValueTask.CompletedTask;
    }

    void ICatchUp.Wake()
    {
        var wake = Volatile.Read(ref _wake);
        if (!wake.Task.IsCompleted)
            wake.TrySetResult();
    }

    /// <summary>Starts the feed and follows it until it must be started again.</summary>
    /// <returns><see langword="true"/> if the feed could be started; otherwise, <see langword="false"/>.</returns>
    private async Task<bool> StartAndFollowAsync(CancellationToken cancellationToken)
    {
        FeedStart start;
        try
        {
            start = await StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _observer.PollFailed(null, exception);
            return false;
        }

        if (start.Positions is [{ Log: var log }, ..] && log != _log)
        {
            // The container was recreated, and its log with it. A read may have detected that before any poll did; then nothing has discarded
            // the state of the old log yet. All changes of the old log have been applied by now.
            _changes.StartOver(log);
            _log = log;
        }

        await FollowAsync(start, await LoadSnapshotsAsync(start, cancellationToken), cancellationToken);
        return true;
    }

    /// <summary>Loads the snapshots of other instances, if this is the first start.</summary>
    private async ValueTask<IReadOnlyList<RangeSnapshot>> LoadSnapshotsAsync(FeedStart start, CancellationToken cancellationToken)
    {
        var isFirst = !_hasStarted;
        _hasStarted = true;
        return isFirst && start.Source is { } source && _snapshots is { } snapshots && _freshness.Coverage is not null
            ? await snapshots.LoadAsync(source, cancellationToken)
            : [];
    }

    private async Task<FeedStart> StartAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.PollDeadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await _feed.StartAsync(either.Token);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var text = $"The change feed did not start within {_options.PollDeadline.TotalSeconds:0.###} s.";
            throw new UserStoreException(UserStoreFailure.TimedOut, text, e);
        }
    }

    /// <summary>
    /// Returns the part from which a range is followed: from the position of another instance, if there is one; otherwise, from now.
    /// </summary>
    private RangePart FirstPart(int index, FeedPosition start, IReadOnlyList<RangeSnapshot> snapshots)
    {
        foreach (var snapshot in snapshots)
        {
            if (snapshot.Range != start.Range || _feed.TryResume(start, snapshot.Token) is not { } position)
                continue;

            var partition = new LogPartition(snapshot.PartitionId, snapshot.PartitionVersion, start.Log);
            _freshness.Prepare(index, partition, snapshot);
            return new RangePart(position, new LogPosition(partition, snapshot.Lsn));
        }

        return RangePart.From(start);
    }

    private async Task FollowAsync(FeedStart start, IReadOnlyList<RangeSnapshot> snapshots, CancellationToken cancellationToken)
    {
        _freshness.BeginEpochs(start.Partitioner, start.Positions.Count);
        _economy.Start(start.Positions.Count);
        using var following = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ranges = start.Positions
            .Select((position, index) => new FeedRangeFollower(
                index, position, FirstPart(index, position, snapshots), _feed, _changes, _freshness, _options, _time, _observer, _economy, following))
            .ToArray();
        Volatile.Write(ref _followed, new FollowedFeed(start.Source, ranges));
        _observer.EpochBegan(_freshness.Epoch, ranges.Length);
        if (ranges.Count(range => range.IsResumed) is var resumed and > 0)
            _observer.Resumed(resumed);
        try
        {
            await Task.WhenAll(ranges.Select(range => LoopAsync(range, following)));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A range could not be restarted alone, so the whole feed is started again.
        }
        finally
        {
            // A catch-up can have started a poll that no loop waits for. None may outlive its feed: it would act on the epochs of the next one.
            await Task.WhenAll(ranges.Select(range => range.StopAsync()));
            Volatile.Write(ref _followed, FollowedFeed.None);
            _freshness.EndEpoch();
        }
    }

    private async Task LoopAsync(FeedRangeFollower range, CancellationTokenSource following)
    {
        var cancellationToken = following.Token;
        var failures = 0;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await UntilDueAsync(range, cancellationToken);
                switch (await range.PollAsync())
                {
                    case PollOutcome.EndReached:
                        failures = 0;
                        break;
                    case PollOutcome.Failed or PollOutcome.Gap:
                        await PauseAsync(Backoff.After(++failures, _options.PollInterval), cancellationToken);
                        break;
                }
            }
        }
        finally
        {
            // Without one of its ranges, the feed cannot be followed.
            following.Cancel();
        }
    }

    /// <summary>
    /// Waits until the range is to be polled: a poll interval has passed since its last poll, by this loop or by a catch-up, and polling is
    /// neither paused nor too expensive. A range that has never been polled is polled although polling is paused, but only if it can be paid
    /// for immediately. With fixed polling, every range that is not armed is.
    /// </summary>
    private async Task UntilDueAsync(FeedRangeFollower range, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The signal is taken before the condition is checked, so a wake-up in between is noticed by one of them.
            var wake = TakeSignal();
            if (IsPaused && (range.IsArmed || !_economy.MayStartWithoutLookups(range.Index)))
            {
                range.ClearFailure();
                await wake.WhenEnded().WaitAsync(cancellationToken);
                continue;
            }

            var wait = _economy.BuyOrWait(range.Index);
            if (wait <= TimeSpan.Zero)
                return;
            if (_options.Polling == FeedPolling.Steady)
                await PauseAsync(wait, cancellationToken);
            else if (IsPaused)
                await wake.WhenEnded().WaitAsync(cancellationToken);
            else
                await PauseAsync(wait < MaxWait ? wait : MaxWait, cancellationToken);
        }
    }

    /// <summary>Returns the signal of the next wake-up.</summary>
    private Task TakeSignal()
    {
        lock (_gate)
        {
            if (_wake.Task.IsCompleted)
                _wake = NewSignal();
            return _wake.Task;
        }
    }

    /// <summary>
    /// Waits for a period, rounded up to whole milliseconds. <c>Task.Delay</c> ignores fractions of a millisecond, so the callers would wait
    /// for the remainder in a busy loop.
    /// </summary>
    private Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(pause.TotalMilliseconds)), _time, cancellationToken);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The feed that is followed.</summary>
    /// <param name="Source">The <see cref="FeedStart.Source"/>.</param>
    /// <param name="Ranges">The followers of its ranges.</param>
    private sealed record FollowedFeed(string? Source, FeedRangeFollower[] Ranges)
    {
        public static FollowedFeed None { get; } = new(null, []);
    }
}
