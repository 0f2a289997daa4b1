using Lookup.Domain.Freshness;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.World;

namespace Lookup.Simulation.Runs;

/// <summary>One run, determined by its seed.</summary>
internal sealed partial class Run
{
    private const int MaxSteps = 200_000;

    /// <summary>The time between the lookups of the last check. If they were concurrent, they would delay each other.</summary>
    private const long Spacing = 2 * TimeSpan.TicksPerMillisecond;

    private readonly Plan _plan;
    private readonly Variant _variant;
    private readonly Scheduler _scheduler;
    private readonly History _history;
    private readonly Faults _faults;
    private readonly Database _database;
    private readonly Oracle _oracle;
    private readonly SimRandom _random;
    private readonly Instance?[] _slots;
    private readonly List<Instance> _everyInstance = [];
    private Violation? _violation;
    private long _beats;

    private Run(ulong seed, Variant variant, Action<string>? listener)
    {
        var random = new SimRandom(seed);
        _plan = new Plan(random.Fork());
        _variant = variant;
        _scheduler = new Scheduler(random.Fork());
        _history = new History(_scheduler, listener);
        _faults = new Faults(_scheduler);
        _database = new Database(_plan, _scheduler, _history, random.Fork());
        _oracle = new Oracle(_database, _plan, _history, Report);
        _random = random.Fork();
        _slots = new Instance?[_plan.Instances];
    }

    /// <summary>Runs a seed to its end or to the first violation.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="variant">The variant of the protocol; the shipped one if omitted.</param>
    /// <param name="listener">The receiver of every step.</param>
    public static RunResult Of(ulong seed, Variant? variant = null, Action<string>? listener = null)
    {
        var ambient = SynchronizationContext.Current;
        try
        {
            var run = new Run(seed, variant ?? Variant.AsShipped, listener);
            run.Go();
            foreach (var instance in run._everyInstance)
                instance.Dispose();
            return new RunResult(seed, run._violation, run._history.Hash, run._scheduler.Steps, run._history.Counts);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(ambient);
        }
    }

    private void Go()
    {
        Populate();
        new Script(_plan, _scheduler, _random, this).Schedule();
        if (!RunUntil(_plan.Horizon))
            return;

        EndFaults();
        var faultsEndedAt = _scheduler.Now;
        if (!RunUntil(faultsEndedAt + RequestTime(), () => !_everyInstance.Exists(instance => instance.Requests.Count > 0)))
            return;

        CheckRequestsEnded();
        if (!RunUntil(faultsEndedAt + VisibleTime()))
            return;

        ReadAll();
        if (!RunUntil(_scheduler.Now + _plan.Cache.MaxStaleness.Ticks + _plan.Unit))
            return;

        ReadAll();
        if (!RunUntil(_scheduler.Now + (_plan.Users * Spacing)) || !RunUntilRecovered())
            return;

        CheckRecovered();
        if (!CheckEviction())
            return;

        CheckIdle();
        foreach (var instance in Live())
            instance.Stop();
        if (!RunUntil(long.MaxValue))
            return;

        foreach (var instance in _everyInstance)
        {
            if (!instance.HasCrashed && instance.Cache.GetStatistics().Flights is var flights and > 0)
                Report(new Violation(Guarantee.EveryRequestEnds, $"There are no waiters on instance {instance.Machine.Number}, and {flights} reads are in flight."));
            if (!instance.Running.IsCompleted)
                Report(new Violation(Guarantee.EveryRequestEnds, $"The follower of instance {instance.Machine.Number} does not stop."));
        }
    }

    public void StartInstance(int slot)
    {
        if (_slots[slot] is { IsUp: true } || !_faults.AreOn)
            return;

        var instance = new Instance(slot, _plan, _database, _faults, _history, _random.Fork(), _variant, Report) { JustEvicted = SendAfterEviction };
        _slots[slot] = instance;
        _everyInstance.Add(instance);
        instance.Start();
    }

    public void Restart(int slot, bool crash, long pause)
    {
        if (!_faults.AreOn || _slots[slot] is not { IsUp: true } instance)
            return;

        if (crash)
            instance.Crash();
        else
            instance.Stop();
        _scheduler.After(pause, () => StartInstance(slot));
    }

    public void Freeze(int slot, long duration)
    {
        if (!_faults.AreOn || _slots[slot] is not { IsUp: true, Machine.IsFrozen: false } instance)
            return;

        _history.Note(_plan.Suspends ? SimulationEvent.Suspended : SimulationEvent.Froze, slot, duration / 10);
        if (instance.Store.Open > 0)
            _history.Count(SimulationEvent.FrozeDuringRead);
        if (instance.Feed.Open > 0)
            _history.Count(SimulationEvent.FrozeDuringPoll);
        if (duration > _plan.Cache.MaxStaleness.Ticks)
            _history.Count(SimulationEvent.FrozeBeyondMaxStaleness);
        instance.Machine.Freeze(_plan.Suspends);
        _scheduler.After(duration, () => Thaw(instance));
    }

    public void ShiftWall(int slot, long ticks)
    {
        if (!_faults.AreOn || _slots[slot] is not { IsUp: true } instance)
            return;

        _history.Note(ticks > 0 ? SimulationEvent.WallForward : SimulationEvent.WallBack, slot, Math.Abs(ticks) / 10);
        instance.Machine.ShiftWall(ticks);
    }

    public void StopFeed(long duration)
    {
        _history.Note(SimulationEvent.FeedOutage, -1, duration / 10);
        _faults.StopFeed(duration);
    }

    public void StopFeedOf(int user, long duration)
    {
        _history.Note(SimulationEvent.PartOutage, -1, user, duration / 10);
        _faults.StopFeedOf(user, duration);
    }

    public void Split() => _database.Split();

    public void Administer(int slot)
    {
        if (_slots[slot] is not { IsUp: true } instance)
            return;

        if (_random.Chance(0.3))
            instance.Clear();
        else
            instance.EvictByAdministrator(_database.Users[HotUser()]);
    }

    public void Write()
    {
        var user = HotUser();
        var version = Change(user, joins: false);
        if (_random.Chance(_plan.Transactions))
            version = Change(user, joins: true);
        if (!_random.Chance(_plan.Triggers) || _slots[_random.Next(_slots.Length)] is not { IsUp: true } instance)
            return;

        // The trigger reads the feed in the same mode. In LatestVersion mode, it receives no deletes.
        if (!version.IsAbsent || _plan.ShowsDeletes)
            _scheduler.After(_random.LogBetween(_plan.Latency, _plan.Unit * 2), () => instance.Trigger(_database.Users[user], version));
    }

    private UserVersion Change(int user, bool joins) =>
        (_random.Chance(_plan.Deletes) ? _database.Delete(user, joins) : null) ?? _database.Write(user, _random.Chance(_plan.Moves), joins);

    private void Populate()
    {
        for (var user = 0; user < _plan.Users; user++)
        {
            if (_random.Chance(_plan.Populated))
                _database.Write(user, moveAlternate: true);
        }
    }

    private void Thaw(Instance instance)
    {
        if (!instance.Machine.IsFrozen)
            return;

        instance.Machine.Thaw();
        _history.Note(SimulationEvent.Thawed, instance.Machine.Number);
    }

    /// <summary>Runs until the given time, or until the condition is met.</summary>
    /// <returns><see langword="true"/> if the run may continue; otherwise, <see langword="false"/>.</returns>
    private bool RunUntil(long time, Func<bool>? done = null)
    {
        var reached = false;
        _scheduler.At(Math.Min(time, long.MaxValue / 4), () => reached = true);
        while (!reached && _violation is null)
        {
            if (!_scheduler.Step())
                return true;

            if ((++_beats & 15) == 0 && done is not null && done())
                break;
            if ((_beats & 63) == 0)
                CheckInvariants();
            if (_scheduler.Steps > MaxSteps)
                Report(new Violation(Guarantee.EveryRequestEnds, $"The run does not end within {MaxSteps} steps."));
        }

        return _violation is null;
    }

    private void CheckInvariants()
    {
        foreach (var instance in _everyInstance)
        {
            if (!instance.IsUp)
                continue;

            var statistics = instance.Cache.GetStatistics();
            var budget = _plan.Budget;
            var lsnBytes = (budget.LsnElements * sizeof(long)) + (_database.Partitions * (sizeof(long) + LsnSketches.BytesPerPartition));
            if (statistics.Bytes > budget.EntryBytes || statistics.LsnBytes > lsnBytes || statistics.Flights > budget.Flights)
            {
                Report(new Violation(
                    Guarantee.G5BoundedMemory,
                    $"The cache has {statistics.Bytes} bytes, {statistics.LsnBytes} bytes of LSNs and {statistics.Flights} reads in flight; the budget is {budget}."));
            }

            _oracle.CheckOpen(instance);
        }
    }

    private void Report(Violation violation) => _violation ??= violation;
}

/// <summary>The result of a run.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Violation">The first violation, if any.</param>
/// <param name="Hash">The hash of all events, in order.</param>
/// <param name="Steps">The number of scheduled pieces of work.</param>
/// <param name="Counts">The number of occurrences of each <see cref="SimulationEvent"/>.</param>
internal sealed record RunResult(ulong Seed, Violation? Violation, ulong Hash, long Steps, IReadOnlyList<long> Counts);
