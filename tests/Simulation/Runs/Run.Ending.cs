using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Simulation.Checking;
using Lookup.Simulation.World;

namespace Lookup.Simulation.Runs;

// The end of a run: faults stop, and every instance must recover.
internal sealed partial class Run
{
    /// <summary>Ends all faults and writes.</summary>
    private void EndFaults()
    {
        _history.Note(SimulationEvent.FaultsEnded, -1);
        _faults.AreOn = false;
        _database.EndExpiry();
        foreach (var instance in _everyInstance)
        {
            Thaw(instance);
            instance.Machine.Starvation = default;
        }
    }

    /// <summary>Returns the maximum time from the last fault until every request has ended.</summary>
    private long RequestTime() => Oracle.TimeLimitOf(_plan);

    /// <summary>
    /// Returns the maximum time from the last write until every change is visible, including deletes in LatestVersion mode.
    /// </summary>
    private long VisibleTime() =>
        Math.Max(_plan.ReplicaLag, _plan.FeedDelay) + (_plan.Cache.MaxUnseenDelete ?? _plan.Cache.MaxStaleness).Ticks + (5 * TimeSpan.TicksPerMillisecond);

    /// <summary>
    /// Returns the maximum time from the last fault, if there are requests, until the feed is followed again: the longest backoff and two
    /// polls.
    /// </summary>
    private long RecoveryTime() =>
        Math.Min(8 * _plan.Unit, 5 * TimeSpan.TicksPerSecond) + (2 * _plan.Follower.PollDeadline.Ticks) + (3 * _plan.Unit) + (60 * _plan.Latency);

    /// <summary>
    /// Waits until all instances have recovered. Unless polling is fixed, every user is read now and then until then, because a range that is
    /// not armed is not polled while there are no lookups.
    /// </summary>
    private bool RunUntilRecovered()
    {
        var (hasEnded, limit) = (false, RecoveryTime());
        var pause = _plan.Cache.MaxStaleness.Ticks + _plan.Unit;
        if (_plan.Follower.Polling == FeedPolling.Adaptive)
        {
            limit += pause;
            for (var time = pause; time < limit; time += pause)
                _scheduler.After(time, () => ReadAllUnless(hasEnded));
            limit += RequestTime();
        }

        return RunUntil(_scheduler.Now + limit, () => hasEnded = Live().All(HasRecovered));
    }

    private void ReadAllUnless(bool hasEnded)
    {
        if (!hasEnded)
            ReadAll();
    }

    private bool HasRecovered(Instance instance) =>
        instance.Requests.Count == 0 && (!_plan.Follows || !_plan.CanAlwaysPoll || instance.Cache.IsEmpty || instance.Freshness.IsArmed);

    private IEnumerable<Instance> Live() => _everyInstance.Where(instance => instance.IsUp);

    private void ReadAll()
    {
        foreach (var instance in Live())
        {
            for (var i = 0; i < _plan.Users; i++)
            {
                int[] user = [i];
                _scheduler.After(i * Spacing, () => instance.Machine.Post(() => _ = SendAsync(instance, user, -1, default, 0, isLast: true)));
            }

            for (var i = 0; i < _plan.Alternates; i++)
            {
                var alternate = i;
                instance.Machine.Post(() => _ = SendAsync(instance, [], alternate, default, 0, isLast: true));
            }
        }
    }

    private void CheckRequestsEnded()
    {
        foreach (var instance in _everyInstance)
        {
            if (instance.Requests.Count > 0)
                Report(new Violation(Guarantee.EveryRequestEnds, $"{instance.Requests.Count} lookups of instance {instance.Machine.Number} have not ended."));
            var statistics = instance.Cache.GetStatistics();
            _history.Count(SimulationEvent.ReadBehind, statistics.BehindReads);
            if (!instance.HasCrashed && instance.Costs.Check(instance.Freshness.Clock.Now) is { } tooExpensive)
                Report(tooExpensive);
            if (instance.Costs.Applies)
                _history.Count(SimulationEvent.CostChecked);
            _history.Count(SimulationEvent.EntryUpdated, statistics.Updated);
            _history.Count(SimulationEvent.EntryKept, statistics.Kept);
        }
    }

    private void CheckRecovered()
    {
        foreach (var instance in Live())
        {
            instance.CheckGaps();
            if (!HasRecovered(instance))
                Report(new Violation(Guarantee.Recovers, $"After the end of all faults, instance {instance.Machine.Number} has {instance.Requests.Count} open lookups; epoch {instance.Freshness.Epoch} is {(instance.Freshness.IsArmed ? "" : "not ")}armed."));
        }
    }

    /// <summary>
    /// Checks that a full cache evicts entries: a user that is looked up twice in a row is cached the second time, at least after a few
    /// attempts.
    /// </summary>
    /// <returns><see langword="true"/> if the run may continue; otherwise, <see langword="false"/>.</returns>
    private bool CheckEviction()
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
                await CheckEvictionAsync(instance, user);
            }
            finally
            {
                open--;
            }
        }
    }

    private async Task CheckEvictionAsync(Instance instance, UserHistory user)
    {
        const int Rounds = 6;
        for (var i = 0; i < Rounds; i++)
        {
            await ReadAsync(instance, user);
            if (await ReadAsync(instance, user) == LookupSource.Hit)
                return;

            // The feed may return changes that are already known. Each of them evicts the user again.
            await Task.Delay(TimeSpan.FromTicks(_plan.Unit), instance.Machine.Time);
        }

        Report(new Violation(Guarantee.Recovers, $"u{user.Number} was read {2 * Rounds} times on instance {instance.Machine.Number} and is still not cached."));
    }

    private async Task<LookupSource> ReadAsync(Instance instance, UserHistory user)
    {
        var request = Request.Current = _oracle.Begin(instance, [user.Number], -1, default);
        var result = await instance.Cache.GetAsync(user.Key, default, CancellationToken.None);
        _oracle.Ended(instance, request);
        return result.Source;
    }

    private void CheckIdle()
    {
        if (!_plan.Follows || _plan.Follower.IdleAfter.Ticks > 3 * _plan.Unit)
            return;

        RunUntil(_scheduler.Now + _plan.Follower.IdleAfter.Ticks + (2 * _plan.Unit) + (10 * _plan.Latency) + TimeSpan.TicksPerSecond / 2);
        var sent = Live().Sum(instance => instance.Feed.Sent);
        RunUntil(_scheduler.Now + (5 * _plan.Unit));
        var more = Live().Sum(instance => instance.Feed.Sent) - sent;
        _history.Count(SimulationEvent.PollStopped);
        if (more > 0)
            Report(new Violation(Guarantee.IdleCostsNothing, $"There are no requests, and {more} polls were sent in five intervals."));
    }
}
