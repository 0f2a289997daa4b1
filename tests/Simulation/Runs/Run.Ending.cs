using Lookup.Domain.Caching;
using Lookup.Simulation.Checking;
using Lookup.Simulation.World;

namespace Lookup.Simulation.Runs;

// How a run ends: faults stop, and all must come right.
internal sealed partial class Run
{
    /// <summary>Faults end: nothing fails, stalls or stops any more, and nobody writes.</summary>
    private void Calm()
    {
        _chronicle.Note(Happening.QuietReached, -1);
        _faults.AreOn = false;
        foreach (var instance in _everyInstance)
        {
            Thaw(instance);
            instance.Machine.Starvation = default;
        }
    }

    /// <summary>How long after the last fault every request has ended.</summary>
    private long RequestTime() => Oracle.PatienceOf(_plan);

    /// <summary>How long after the last write every change is visible, deletes in LatestVersion mode as well.</summary>
    private long VisibleTime() =>
        Math.Max(_plan.ReplicaLag, _plan.FeedDelay) + (_plan.Cache.MaxUnseenDelete ?? _plan.Cache.MaxStaleness).Ticks + (5 * TimeSpan.TicksPerMillisecond);

    /// <summary>How long after the last fault, and once somebody asks, the feed is followed again: the longest backoff, and two polls.</summary>
    private long RecoveryTime() =>
        Math.Min(8 * _plan.Unit, 5 * TimeSpan.TicksPerSecond) + (2 * _plan.Follower.PollDeadline.Ticks) + (3 * _plan.Unit) + (60 * _plan.Latency);

    private bool HaveAllRecovered() => Live().All(HasRecovered);

    private bool HasRecovered(Instance instance) =>
        instance.Requests.Count == 0 && (!_plan.Follows || instance.Cache.IsEmpty || instance.Freshness.IsArmed);

    private IEnumerable<Instance> Live() => _everyInstance.Where(instance => instance.IsUp);

    private void ReadAll()
    {
        foreach (var instance in Live())
        {
            for (var i = 0; i < _plan.Users; i++)
            {
                int[] user = [i];
                _scheduler.After(i * Spacing, () => instance.Machine.Post(() => _ = AskAsync(instance, user, -1, default, 0, isLast: true)));
            }

            for (var i = 0; i < _plan.Alternates; i++)
            {
                var alternate = i;
                instance.Machine.Post(() => _ = AskAsync(instance, [], alternate, default, 0, isLast: true));
            }
        }
    }

    private void CheckCalm()
    {
        foreach (var instance in _everyInstance)
        {
            if (instance.Requests.Count > 0)
                Report(new Violation(Promise.EveryRequestEnds, $"{instance.Requests.Count} lookups of instance {instance.Machine.Number} have not ended."));
            _chronicle.Count(Happening.ReadBehindFloor, instance.Cache.GetStatistics().BehindReads);
        }
    }

    private void CheckRecovered()
    {
        foreach (var instance in Live())
        {
            if (instance.EpochOfGap >= instance.Freshness.Epoch)
                Report(new Violation(Promise.G6NoSilentLoss, $"A position was lost, and epoch {instance.EpochOfGap} of instance {instance.Machine.Number} goes on."));
            if (!HasRecovered(instance))
                Report(new Violation(Promise.Recovers, $"All is quiet, and instance {instance.Machine.Number} has {instance.Requests.Count} lookups open; epoch {instance.Freshness.Epoch} is {(instance.Freshness.IsArmed ? "" : "not ")}armed."));
        }
    }

    /// <summary>Memory that is full makes room: who is asked for twice in a row is in memory the second time, if not at once then soon.</summary>
    private bool CheckRoom()
    {
        const int RoomForTwo = 2_000;
        var user = Array.Find(_database.Users, user => !user.Newest.IsAbsent);
        if (user is null || _plan.Budget.EntryBytes < RoomForTwo || _plan.Cache.MaxStaleness.Ticks < 40 * _plan.Latency)
            return true;

        var open = 0;
        foreach (var instance in Live())
        {
            open++;
            instance.Machine.Post(() => _ = CheckAsync(instance));
        }

        return RunUntil(_scheduler.Now + (10 * _plan.Unit), () => open == 0);

        async Task CheckAsync(Instance instance)
        {
            try
            {
                await CheckRoomAsync(instance, user);
            }
            finally
            {
                open--;
            }
        }
    }

    private async Task CheckRoomAsync(Instance instance, UserHistory user)
    {
        const int Rounds = 6;
        for (var i = 0; i < Rounds; i++)
        {
            await ReadAsync(instance, user);
            if (await ReadAsync(instance, user) == LookupSource.Hit)
                return;

            // The feed may be showing changes that are known already: each evicts once more.
            await Task.Delay(TimeSpan.FromTicks(_plan.Unit), instance.Machine.Time);
        }

        Report(new Violation(Promise.Recovers, $"u{user.Number} was read {2 * Rounds} times on instance {instance.Machine.Number}, and memory still does not hold it."));
    }

    private async Task<LookupSource> ReadAsync(Instance instance, UserHistory user)
    {
        var request = Request.Current = _oracle.Begin(instance, [user.Number], -1, default);
        var answer = await instance.Cache.GetAsync(user.Key, default, CancellationToken.None);
        _oracle.Ended(instance, request);
        return answer.Origin;
    }

    private void CheckIdle()
    {
        if (!_plan.Follows || _plan.Follower.IdleAfter.Ticks > 3 * _plan.Unit)
            return;

        RunUntil(_scheduler.Now + _plan.Follower.IdleAfter.Ticks + (2 * _plan.Unit) + (10 * _plan.Latency) + TimeSpan.TicksPerSecond / 4);
        var sent = Live().Sum(instance => instance.Feed.Sent);
        RunUntil(_scheduler.Now + (5 * _plan.Unit));
        var more = Live().Sum(instance => instance.Feed.Sent) - sent;
        _chronicle.Count(Happening.PollStopped);
        if (more > 0)
            Report(new Violation(Promise.IdleCostsNothing, $"Nobody asks, and {more} polls were sent in five intervals."));
    }
}
