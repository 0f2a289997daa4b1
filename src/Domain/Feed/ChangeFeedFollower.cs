using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Feed;

/// <summary>
/// Follows the change feed inside this instance: evicts what changed, and confirms what did not. One loop for each feed range,
/// continuations in memory only.
/// </summary>
/// <remarks>
/// Polling stops while nobody looks anything up, and while memory is empty; the first lookup that finds something unconfirmed
/// starts it again. A gap (a position that can never be read on) ends the epoch and starts the feed anew.
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
    /// <param name="freshness">What to confirm; shared with the cache.</param>
    /// <param name="options">How to follow.</param>
    /// <param name="time">The clocks.</param>
    /// <param name="observer">Hears of what happens.</param>
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

    /// <summary>Each feed range, with how long ago it was last polled to its end; <see langword="null"/> while it never was.</summary>
    public IReadOnlyList<FeedRangeState> Ranges
    {
        get
        {
            var now = _freshness.Clock.Now;
            return [.. Volatile.Read(ref _ranges).Select(range => range.StateAt(now))];
        }
    }

    /// <summary>
    /// Whether there is nothing to keep fresh for anybody: memory is empty, or nothing was looked up for a while. The feed is polled
    /// then only until it is armed.
    /// </summary>
    public bool IsPaused => _changes.IsEmpty || _freshness.Clock.Now - _freshness.LastLookup > _options.IdleAfter.Ticks;

    /// <summary>Follows the feed until cancelled, and does not end or fail before that. One run at a time.</summary>
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
            // Told to stop.
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

        // Counted from the start of the polls: a feed that hangs delays the first who ask, and nobody after them.
        var left = startedAt + timeout.Ticks - _freshness.Clock.Now;
        if (left <= 0 || running.IsCompleted)
            return;

        try
        {
            await running.WaitAsync(TimeSpan.FromTicks(left), _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The request reads the user itself.
        }
    }

    void ICatchUp.Wake()
    {
        var wake = Volatile.Read(ref _wake);
        if (!wake.Task.IsCompleted)
            wake.TrySetResult();
    }

    /// <summary>Starts the feed and follows it until a gap. Returns whether it could be started.</summary>
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
            // Whoever reads users may have noticed before any poll did; and what the old log still had to say has been said by now.
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
            // A gap in one range ended the others.
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
            // One range that cannot go on ends them all: the feed starts anew as a whole.
            following.Cancel();
        }
    }

    /// <summary>Waits until there is something to keep fresh for somebody, or the epoch waits to be armed.</summary>
    private async Task UntilNeededAsync(FeedRangeFollower range, CancellationToken cancellationToken)
    {
        while (range.IsConfirmed && IsPaused)
        {
            // The signal is laid out first and the condition asked again after it: what happened in between is seen either way.
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

    /// <summary>Waits until a poll interval has passed since the range was last polled, by whomever.</summary>
    private async Task UntilDueAsync(FeedRangeFollower range, CancellationToken cancellationToken)
    {
        while (range.PolledAt + _options.PollInterval.Ticks - _freshness.Clock.Now is var left and > 0)
            await PauseAsync(TimeSpan.FromTicks(left), cancellationToken);
    }

    /// <summary>Waits, rounded up: a delay counts whole milliseconds, and what is left of one would be waited for in a busy loop.</summary>
    private Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(pause.TotalMilliseconds)), _time, cancellationToken);

    private Task<PollOutcome[]> PollAllAsync() => Task.WhenAll(Volatile.Read(ref _ranges).Select(PollAsync));

    private static async Task<PollOutcome> PollAsync(FeedRangeFollower range) => await range.PollAsync();

    /// <summary>A feed that has just failed is not asked again by every request; its loops do that.</summary>
    private bool HasJustFailed_NeedsLock(long now) =>
        _catchUp is { IsCompletedSuccessfully: true } ended
        && Array.Exists(ended.Result, outcome => outcome != PollOutcome.EndReached)
        && now - _catchUpStartedAt < _options.PollInterval.Ticks;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
