using Lookup.Domain.Caching;
using Lookup.Domain.Users;

namespace Lookup.Domain.Changes;

/// <summary>Where one feed range stands, and the one poll of it that may be under way.</summary>
internal sealed class FeedRangeFollower(
    int index,
    FeedPosition start,
    IChangeFeed feed,
    UserCache cache,
    Freshness freshness,
    FollowerOptions options,
    TimeProvider time,
    IFollowerObserver observer,
    Flaw flaw,
    CancellationTokenSource following)
{
    /// <summary>
    /// How many poll deadlines a poll may read on without coming to the end. Whoever falls behind for so long, because more changes than
    /// can be read or because the range has split and its parts are read by turns, is better off with a start from now.
    /// </summary>
    private const int LongestPoll = 5;

    private readonly Lock _gate = new();
    private readonly CancellationToken _stopped = following.Token;
    private readonly string _range = start.Range;
    private FeedPosition _position = start;
    private TaskCompletionSource<PollOutcome>? _poll;
    private long _polledAt = FeedEpoch.Never;

    /// <summary>When the last poll was sent that came back.</summary>
    public long PolledAt => Volatile.Read(ref _polledAt);

    /// <summary>Whether the range was polled to its end in the present epoch.</summary>
    public bool IsConfirmed => freshness.Current.RangeConfirmedAt(index) != FeedEpoch.Never;

    public FeedRangeState StateAt(long now)
    {
        var at = freshness.Current.RangeConfirmedAt(index);
        return new FeedRangeState(_range, at == FeedEpoch.Never ? null : TimeSpan.FromTicks(Math.Max(0, now - at)));
    }

    /// <summary>Polls the range to its end, or joins the poll that is under way. Does not fail.</summary>
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
        var outcome = PollOutcome.Failed;
        try
        {
            var since = freshness.Clock.Awake;
            while (!await ReadPageAsync())
            {
                // More may have come while this page was applied; only «no more changes» is the end.
                if (freshness.Clock.Awake - since > LongestPoll * options.PollDeadline.Ticks)
                    throw new FeedGapException("Changes come faster than they are read: the feed is read from now on instead.");
            }

            outcome = PollOutcome.EndReached;
        }
        catch (FeedGapException exception)
        {
            observer.GapFound(_range, exception);
            if (exception.IsAnotherFeed)
                cache.StartOver();
            outcome = PollOutcome.Gap;
            StopAll();
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // Stopping is no failure.
        }
        catch (Exception exception)
        {
            observer.PollFailed(_range, exception);
        }
        finally
        {
            lock (_gate)
                _poll = null;
            poll.SetResult(outcome);
        }
    }

    /// <summary>
    /// A position that is lost ends all ranges, whoever polled: a loop that waits for its turn, or out a backoff, hears of it now.
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

    /// <summary>Reads and applies one page. Returns whether it was the end.</summary>
    private async Task<bool> ReadPageAsync()
    {
        // The epoch is looked up before the poll is sent: if it ends meanwhile, this poll confirms nothing.
        var epoch = freshness.Current;
        var sentAt = freshness.Clock.Now;
        FeedPage page;
        using (var deadline = new CancellationTokenSource(options.PollDeadline, time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(_stopped, deadline.Token))
        {
            try
            {
                page = await feed.ReadAsync(_position, either.Token);
            }
            catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !_stopped.IsCancellationRequested)
            {
                var text = $"The change feed did not answer within {options.PollDeadline.TotalSeconds:0.###} s.";
                throw new UserStoreException(UserStoreFailure.TimedOut, text, e);
            }
        }

        if (flaw == Flaw.ConfirmAtReceipt)
            sentAt = freshness.Clock.Now;
        if (flaw == Flaw.ConfirmBeforeApply)
        {
            freshness.Confirm(epoch, index, sentAt);
            await Task.Yield();
        }

        foreach (var change in page.Changes)
            cache.Evict(change, EvictionSource.Follower);

        if (page.Unreadable > 0 && flaw != Flaw.SkipUnreadable)
        {
            freshness.EndEpoch();
            observer.ChangesUnreadable(_range, page.Unreadable);
        }

        _position = page.Next;
        Volatile.Write(ref _polledAt, sentAt);
        observer.PageRead(_range, page);
        if ((page.EndReached || flaw == Flaw.ArmBeforeEnd) && freshness.Confirm(epoch, index, sentAt))
            observer.Armed(epoch.Number);
        return page.EndReached;
    }
}

/// <summary>How a poll ended.</summary>
internal enum PollOutcome
{
    /// <summary>There were no more changes.</summary>
    EndReached,

    /// <summary>It can be tried again from where it stood.</summary>
    Failed,

    /// <summary>The position can never be read on.</summary>
    Gap,
}
