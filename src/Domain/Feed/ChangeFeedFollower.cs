using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Feed;

/// <summary>
/// The change feed follower of an instance. It evicts users that changed and confirms all other entries. Each feed range has a loop of its
/// own, and positions are kept in memory only.
/// </summary>
/// <remarks>
/// Polling is paused while there are no lookups or the cache is empty. It resumes when a lookup finds an unconfirmed entry, or when an entry
/// is stored. A gap, which is a position from which the feed can never be read again, ends the epoch and restarts the feed.
/// </remarks>
public sealed class ChangeFeedFollower : ICatchUp
{
    private readonly IChangeFeed _feed;
    private readonly IChangeSink _changes;
    private readonly FreshnessTracker _freshness;
    private readonly FollowerOptions _options;
    private readonly TimeProvider _time;
    private readonly IFollowerObserver _observer;
    private readonly Lock _gate = new();

    private FeedRangeFollower[] _ranges = [];
    private TaskCompletionSource _wake = NewSignal();
    private Task<PollOutcome[]>? _catchUp;
    private long _catchUpStartedAt;
    private long _log = 1;

    /// <param name="feed">The feed to follow.</param>
    /// <param name="changes">The receiver of the changes.</param>
    /// <param name="freshness">The freshness state to confirm, shared with the cache.</param>
    /// <param name="options">The intervals and deadlines of polling.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="observer">The receiver of feed events, for logging and metrics.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ChangeFeedFollower(
        IChangeFeed feed,
        IChangeSink changes,
        FreshnessTracker freshness,
        FollowerOptions options,
        TimeProvider time,
        IFollowerObserver observer)
    {
        options.Validate();
        _feed = feed;
        _changes = changes;
        _freshness = freshness;
        _options = options;
        _time = time;
        _observer = observer;
        freshness.Connect(this);
    }

    /// <summary>Gets the state of each feed range, or an empty list while the feed is not started.</summary>
    public IReadOnlyList<FeedRangeState> Ranges
    {
        get
        {
            var now = _freshness.Clock.Now;
            return [.. Volatile.Read(ref _ranges).Select(range => range.StateAt(now))];
        }
    }

    /// <summary>
    /// Gets a value that indicates whether polling is paused: the cache is empty, or there has been no lookup for
    /// <see cref="FollowerOptions.IdleAfter"/>. The feed is then polled only until the epoch is armed.
    /// </summary>
    public bool IsPaused => _changes.IsEmpty || _freshness.Clock.Now - _freshness.LastLookup > _options.IdleAfter.Ticks;

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

    async ValueTask ICatchUp.CatchUpAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        ((ICatchUp)this).Wake();
        Task running;
        long startedAt;
        lock (_gate)
        {
            if (_catchUp is null or { IsCompleted: true })
            {
                var now = _freshness.Clock.Now;
                if (HasJustFailed_NeedsLock(now))
                    return;

                _catchUpStartedAt = now;
                _catchUp = PollAllAsync();
            }

            running = _catchUp;
            startedAt = _catchUpStartedAt;
        }

        // The timeout is measured from the start of the polls. If the feed hangs, it delays the requests that arrive within the timeout, and
        // none that arrive later.
        var left = startedAt + timeout.Ticks - _freshness.Clock.Now;
        if (left <= 0 || running.IsCompleted)
            return;

        try
        {
            await running.WaitAsync(TimeSpan.FromTicks(left), _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The request reads the user from the store instead.
        }
    }

    void ICatchUp.Wake()
    {
        var wake = Volatile.Read(ref _wake);
        if (!wake.Task.IsCompleted)
            wake.TrySetResult();
    }

    /// <summary>Starts the feed and follows it until a gap.</summary>
    /// <returns><see langword="true"/> if the feed could be started; otherwise, <see langword="false"/>.</returns>
    private async Task<bool> StartAndFollowAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<FeedPosition> positions;
        try
        {
            positions = await StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _observer.PollFailed(null, exception);
            return false;
        }

        if (positions.Count > 0 && positions[0].Log is var log && log != _log)
        {
            // The container was recreated, and its log with it. A read may have detected that before any poll did; then nothing has discarded
            // the state of the old log yet. All changes of the old log have been applied by now.
            _changes.StartOver();
            _log = log;
        }

        await FollowAsync(positions, cancellationToken);
        return true;
    }

    private async Task<IReadOnlyList<FeedPosition>> StartAsync(CancellationToken cancellationToken)
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

    private async Task FollowAsync(IReadOnlyList<FeedPosition> positions, CancellationToken cancellationToken)
    {
        var epoch = _freshness.BeginEpoch(positions.Count);
        using var following = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ranges = positions
            .Select((position, index) => new FeedRangeFollower(
                index, position, _feed, _changes, _freshness, _options, _time, _observer, following))
            .ToArray();
        Volatile.Write(ref _ranges, ranges);
        _observer.EpochBegan(epoch.Number, ranges.Length);
        try
        {
            var loops = ranges.Select(range => LoopAsync(range, following)).ToArray();
            await Task.WhenAll(loops);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A gap in one range stopped the others.
        }
        finally
        {
            Volatile.Write(ref _ranges, []);
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
                await UntilNeededAsync(range, cancellationToken);
                switch (await range.PollAsync())
                {
                    case PollOutcome.EndReached:
                        failures = 0;
                        await UntilDueAsync(range, cancellationToken);
                        break;
                    case PollOutcome.Failed:
                        await PauseAsync(Backoff.After(++failures, _options.PollInterval), cancellationToken);
                        break;
                    case PollOutcome.Gap:
                        return;
                }
            }
        }
        finally
        {
            // A range that cannot continue stops all ranges, because the feed is restarted as a whole.
            following.Cancel();
        }
    }

    /// <summary>Waits until polling is not paused, or until the range must be polled to arm the epoch.</summary>
    private async Task UntilNeededAsync(FeedRangeFollower range, CancellationToken cancellationToken)
    {
        while (range.IsConfirmed && IsPaused)
        {
            // A completed signal is replaced before the condition is checked again, so a wake-up in between is noticed by the condition or
            // by the new signal.
            Task wake;
            lock (_gate)
            {
                if (_wake.Task.IsCompleted)
                {
                    _wake = NewSignal();
                    continue;
                }

                wake = _wake.Task;
            }

            await wake.WhenEnded().WaitAsync(cancellationToken);
        }
    }

    /// <summary>Waits until a poll interval has passed since the last poll of the range, by its loop or by a catch-up.</summary>
    private async Task UntilDueAsync(FeedRangeFollower range, CancellationToken cancellationToken)
    {
        while (range.PolledAt + _options.PollInterval.Ticks - _freshness.Clock.Now is var left and > 0)
            await PauseAsync(TimeSpan.FromTicks(left), cancellationToken);
    }

    /// <summary>
    /// Waits for a period, rounded up to whole milliseconds. <c>Task.Delay</c> ignores fractions of a millisecond, so the callers would wait
    /// for the remainder in a busy loop.
    /// </summary>
    private Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(pause.TotalMilliseconds)), _time, cancellationToken);

    private Task<PollOutcome[]> PollAllAsync() => Task.WhenAll(Volatile.Read(ref _ranges).Select(PollAsync));

    private static async Task<PollOutcome> PollAsync(FeedRangeFollower range) => await range.PollAsync();

    /// <summary>
    /// Determines whether a catch-up failed less than a poll interval ago. After a failure the feed is polled again by the loops, and not by every request.
    /// </summary>
    private bool HasJustFailed_NeedsLock(long now) =>
        _catchUp is { IsCompletedSuccessfully: true } ended
        && Array.Exists(ended.Result, outcome => outcome != PollOutcome.EndReached)
        && now - _catchUpStartedAt < _options.PollInterval.Ticks;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
