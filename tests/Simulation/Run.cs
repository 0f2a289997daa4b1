using Lookup.Domain.Caching;
using Lookup.Domain.Users;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.World;

namespace Lookup.Simulation;

/// <summary>One run: a seed, and all that follows from it.</summary>
internal sealed class Run
{
    private const int MostSteps = 200_000;

    /// <summary>By how much the lookups of the last check lie apart: all at once they would keep each other waiting.</summary>
    private const long Spacing = 2 * TimeSpan.TicksPerMillisecond;

    private readonly Plan _plan;
    private readonly Flaw _flaw;
    private readonly Scheduler _scheduler;
    private readonly Chronicle _chronicle;
    private readonly Faults _faults;
    private readonly Database _database;
    private readonly Oracle _oracle;
    private readonly SimRandom _random;
    private readonly Instance?[] _slots;
    private readonly List<Instance> _everyInstance = [];
    private Violation? _violation;
    private long _beats;

    private Run(ulong seed, Flaw flaw, Action<string>? listener)
    {
        var random = new SimRandom(seed);
        _plan = new Plan(random.Fork());
        _flaw = flaw;
        _scheduler = new Scheduler(random.Fork());
        _chronicle = new Chronicle(_scheduler, listener);
        _faults = new Faults(_scheduler);
        _database = new Database(_plan, _scheduler, _chronicle, random.Fork());
        _oracle = new Oracle(_database, _plan, _chronicle, Report);
        _random = random.Fork();
        _slots = new Instance?[_plan.Instances];
    }

    /// <summary>Runs a seed to its end or to the first broken promise.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="flaw">Which rule of the protocol to leave out.</param>
    /// <param name="listener">Is told every step.</param>
    public static RunResult Of(ulong seed, Flaw flaw = Flaw.None, Action<string>? listener = null)
    {
        var ambient = SynchronizationContext.Current;
        try
        {
            var run = new Run(seed, flaw, listener);
            run.Go();
            foreach (var instance in run._everyInstance)
                instance.Dispose();
            return new RunResult(seed, run._violation, run._chronicle.Hash, run._scheduler.Steps, run._chronicle.Counts);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(ambient);
        }
    }

    private void Go()
    {
        Populate();
        new Script(_plan, _scheduler, _random, this).Lay();
        if (!RunUntil(_plan.Horizon))
            return;

        Calm();
        var calm = _scheduler.Now;
        if (!RunUntil(calm + RequestTime(), () => !_everyInstance.Exists(instance => instance.Requests.Count > 0)))
            return;

        CheckCalm();
        if (!RunUntil(calm + VisibleTime()))
            return;

        ReadAll();
        if (!RunUntil(_scheduler.Now + _plan.Cache.MaxStaleness.Ticks + _plan.Unit))
            return;

        ReadAll();
        if (!RunUntil(_scheduler.Now + (_plan.Users * Spacing)) || !RunUntil(_scheduler.Now + RecoveryTime(), HaveAllRecovered))
            return;

        CheckRecovered();
        foreach (var instance in Live())
            instance.Machine.Post(() => _ = CheckRoomAsync(instance));
        CheckIdle();
        foreach (var instance in Live())
            instance.Stop();
        if (!RunUntil(long.MaxValue))
            return;

        foreach (var instance in _everyInstance)
        {
            if (!instance.HasCrashed && instance.Cache.GetStatistics().Flights is var flights and > 0)
                Report(new Violation(Promise.EveryRequestEnds, $"Nobody waits on instance {instance.Machine.Number}, and {flights} reads are under way."));
            if (!instance.Running.IsCompleted)
                Report(new Violation(Promise.EveryRequestEnds, $"The follower of instance {instance.Machine.Number} does not stop."));
        }
    }

    public bool AreFaultsOn => _faults.AreOn;

    public void StartInstance(int slot)
    {
        if (_slots[slot] is { IsUp: true } || !_faults.AreOn)
            return;

        var instance = new Instance(slot, _plan, _database, _faults, _chronicle, _random.Fork(), _flaw, Report) { JustEvicted = AskAfterEviction };
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

        _chronicle.Note(_plan.Suspends ? Happening.Suspended : Happening.Froze, slot, duration / 10);
        if (instance.Store.Open > 0)
            _chronicle.Count(Happening.FrozeDuringRead);
        if (instance.Feed.Open > 0)
            _chronicle.Count(Happening.FrozeDuringPoll);
        if (duration > _plan.Cache.MaxStaleness.Ticks)
            _chronicle.Count(Happening.FrozeBeyondMaxStaleness);
        instance.Machine.Freeze(_plan.Suspends);
        _scheduler.After(duration, () => Thaw(instance));
    }

    public void ShiftWall(int slot, long ticks)
    {
        if (!_faults.AreOn || _slots[slot] is not { IsUp: true } instance)
            return;

        _chronicle.Note(ticks > 0 ? Happening.WallForward : Happening.WallBack, slot, Math.Abs(ticks) / 10);
        instance.Machine.ShiftWall(ticks);
    }

    public void StopFeed(long duration)
    {
        _chronicle.Note(Happening.FeedOutage, -1, duration / 10);
        _faults.FeedDownUntil = Math.Max(_faults.FeedDownUntil, _scheduler.Now + duration);
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
        var version = _random.Chance(_plan.Deletes) ? _database.Delete(user) : null;
        version ??= _database.Write(user, _random.Chance(_plan.Moves));
        if (!_random.Chance(_plan.Triggers) || _slots[_random.Next(_slots.Length)] is not { IsUp: true } instance)
            return;

        // The trigger runs the feed in LatestVersion mode too: it hears of no deletes then.
        if (!version.IsAbsent || _plan.ShowsDeletes)
            _scheduler.After(_random.LogBetween(_plan.Latency, _plan.Unit * 2), () => instance.Trigger(_database.Users[user], version));
    }

    public void Ask(int slot)
    {
        if (_slots[slot] is { IsUp: true } instance)
            Ask(instance, HotUser());
    }

    private void Ask(Instance instance, int user)
    {
        var directives = _random.Chance(_plan.Directives) ? SomeDirectives() : default;
        var isFind = _random.Chance(_plan.Finds);
        var isMany = !isFind && _random.Chance(_plan.Many);
        int[] users = isFind ? [] : isMany ? SomeUsers() : [user];
        var alternate = isFind ? _random.Next(_plan.Alternates) : -1;
        var givesUpAfter = _random.Chance(_plan.Cancels) ? _random.LogBetween(_plan.Latency / 4, _plan.Unit) : 0;
        instance.Machine.Post(() => _ = AskAsync(instance, users, alternate, directives, givesUpAfter));
    }

    private async Task AskAsync(Instance instance, int[] users, int alternate, ReadDirectives directives, long givesUpAfter, bool isLast = false)
    {
        if (!instance.IsUp)
            return;

        var request = _oracle.Begin(instance, users, alternate, directives);
        using var cancellation = givesUpAfter > 0 ? new CancellationTokenSource() : null;
        if (cancellation is not null)
            _scheduler.After(givesUpAfter, () => instance.Machine.Post(() => GiveUp(instance, request, cancellation)));
        Request.Current = request;
        try
        {
            await AskAsync(instance, request, isLast, cancellation?.Token ?? CancellationToken.None);
        }
        catch (UserStoreException exception)
        {
            _chronicle.Note(Happening.LookupFailed, instance.Machine.Number, request.Number, (int)exception.Failure);
            if (exception.Failure == UserStoreFailure.Overloaded)
                _chronicle.Count(Happening.LookupOverloaded);
            if (isLast && exception.Failure != UserStoreFailure.Overloaded)
                Report(new Violation(Promise.Recovers, $"All is quiet, and lookup #{request.Number} fails: {exception.Message}"));
        }
        catch (OperationCanceledException) when (request.GaveUp)
        {
            _chronicle.Note(Happening.CallerGaveUp, instance.Machine.Number, request.Number);
        }
        catch (Exception exception)
        {
            Report(new Violation(Promise.FailsOnlyAsSaid, $"Lookup #{request.Number} failed with {exception.GetType().Name}: {exception.Message}"));
        }

        _oracle.Ended(instance, request);
        if (_faults.AreOn && users.Length == 1 && _random.Chance(0.2))
            Ask(instance, users[0]);
    }

    private async Task AskAsync(Instance instance, Request request, bool isLast, CancellationToken cancellationToken)
    {
        var machine = instance.Machine.Number;
        if (request.Alternate >= 0)
        {
            _chronicle.Note(Happening.FindBegan, machine, request.Number, request.Alternate);
            _oracle.CheckFound(instance, request, await instance.Cache.FindAsync(_database.Alternates[request.Alternate], request.Directives, cancellationToken));
        }
        else if (request.Users.Length == 1)
        {
            var user = request.Users[0];
            _chronicle.Note(Happening.LookupBegan, machine, request.Number, user);
            var answer = await instance.Cache.GetAsync(_database.Users[user].Key, request.Directives, cancellationToken);
            _oracle.Check(instance, request, user, answer);
            if (isLast)
                _oracle.CheckNewest(request, user, answer);
        }
        else
        {
            _chronicle.Note(Happening.LookupManyBegan, machine, request.Number, request.Users.Length);
            var keys = Array.ConvertAll(request.Users, user => _database.Users[user].Key);
            var answers = await instance.Cache.GetManyAsync(keys, request.Directives, cancellationToken);
            for (var i = 0; i < answers.Count; i++)
                _oracle.Check(instance, request, request.Users[i], answers[i]);
        }
    }

    private void GiveUp(Instance instance, Request request, CancellationTokenSource cancellation)
    {
        if (!instance.Requests.Contains(request))
            return;

        // The read of a group goes on while others want it: what a caller that gave up had attached is no longer counted.
        foreach (var key in KeysOf(request))
            instance.UnderWay.Detach(key);
        request.GaveUp = true;
        cancellation.Cancel();
    }

    /// <summary>What a request may send reads for: by alternate key the hint, and whoever it names.</summary>
    private int[] KeysOf(Request request) =>
        request.Alternate >= 0 ? [-1 - request.Alternate, .. Enumerable.Range(0, _plan.Users)] : request.Users;

    private ReadDirectives SomeDirectives() => _random.Next(10) switch
    {
        0 or 1 => new ReadDirectives { NoCache = true },
        2 => new ReadDirectives { NoStore = true },
        3 => new ReadDirectives { NoStore = true, NoCache = true },
        4 => new ReadDirectives { OnlyIfCached = true },
        5 => new ReadDirectives { OnlyIfCached = true, MaxStale = TimeSpan.MaxValue },
        6 => new ReadDirectives { MaxAge = TimeSpan.FromTicks(_random.Between(0, _plan.Cache.MaxStaleness.Ticks * 3 / 2)) },
        7 => new ReadDirectives { MaxStale = TimeSpan.FromTicks(_random.Between(1, _plan.Cache.MaxStaleness.Ticks)) },
        8 => new ReadDirectives { StaleIfError = TimeSpan.FromTicks(_random.Between(0, _plan.Cache.MaxStaleness.Ticks)) },
        _ => new ReadDirectives { MaxAge = TimeSpan.Zero, StaleIfError = TimeSpan.FromTicks(_plan.Unit) },
    };

    private int[] SomeUsers()
    {
        var users = new int[_random.Between(1, Math.Min(5, _plan.Users + 1))];
        for (var i = 0; i < users.Length; i++)
            users[i] = _random.Next(_plan.Users);
        return users;
    }

    private int HotUser() => _random.Chance(0.5) ? 0 : _random.Next(_plan.Users);

    private void AskAfterEviction(Instance instance, int user)
    {
        if (_faults.AreOn && _random.Chance(0.15))
            Ask(instance, user);
    }

    private void Populate()
    {
        for (var user = 0; user < _plan.Users; user++)
        {
            if (_random.Chance(0.7))
                _database.Write(user, moveAlternate: true);
        }
    }

    private void Thaw(Instance instance)
    {
        if (!instance.Machine.IsFrozen)
            return;

        instance.Machine.Thaw();
        _chronicle.Note(Happening.Thawed, instance.Machine.Number);
    }

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
            if (!HasRecovered(instance))
                Report(new Violation(Promise.Recovers, $"All is quiet, and instance {instance.Machine.Number} has {instance.Requests.Count} lookups open; epoch {instance.Freshness.Epoch} is {(instance.Freshness.IsArmed ? "" : "not ")}armed."));
        }
    }

    /// <summary>Memory that is full makes room: who is asked for again and again is in memory after a few times.</summary>
    private async Task CheckRoomAsync(Instance instance)
    {
        const int Enough = 6;
        const int RoomForTwo = 2_000;
        var user = Array.Find(_database.Users, user => !user.Newest.IsAbsent);
        if (user is null || _plan.Budget.EntryBytes < RoomForTwo || _plan.Cache.MaxStaleness.Ticks < 40 * _plan.Latency)
            return;

        for (var i = 0; i < Enough; i++)
        {
            Request.Current = _oracle.Begin(instance, [user.Number], -1, default);
            var answer = await instance.Cache.GetAsync(user.Key, default, CancellationToken.None);
            _oracle.Ended(instance, Request.Current);
            if (answer.Origin == AnswerOrigin.Hit)
                return;
        }

        Report(new Violation(Promise.Recovers, $"u{user.Number} was read {Enough} times in a row on instance {instance.Machine.Number}, and memory still does not hold it."));
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

    /// <summary>Lets the run go on to a time. Returns whether it may go on beyond it.</summary>
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
            if (_scheduler.Steps > MostSteps)
                Report(new Violation(Promise.EveryRequestEnds, $"The run does not come to an end within {MostSteps} steps."));
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
            if (statistics.Bytes > budget.EntryBytes || statistics.Fences > budget.FloorsPerStripe * budget.Stripes || statistics.Flights > budget.Flights)
            {
                Report(new Violation(
                    Promise.G5BoundedMemory,
                    $"Memory holds {statistics.Bytes} bytes, {statistics.Fences} fences and {statistics.Flights} reads under way; the budget is {budget}."));
            }

            if (statistics.Fences == budget.FloorsPerStripe * budget.Stripes)
                _chronicle.Count(Happening.FloorsFull);
            _oracle.CheckOpen(instance);
        }
    }

    private void Report(Violation violation) => _violation ??= violation;
}
