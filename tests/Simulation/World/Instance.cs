using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.World;

/// <summary>One instance from its start to its end: its process, the real cache and follower, and their checks.</summary>
internal sealed class Instance : IFollowerObserver, IDisposable
{
    private readonly Plan _plan;
    private readonly Database _database;
    private readonly History _history;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Action<Violation> _report;
    private readonly IChangeSink _sink;
    private readonly ChangeFeedFollower _follower;

    public Instance(
        int number,
        Plan plan,
        Database database,
        Faults faults,
        History history,
        SimRandom random,
        Variant variant,
        Action<Violation> report)
    {
        _plan = plan;
        _database = database;
        _history = history;
        _report = report;
        Machine = new Machine(number, faults.Scheduler) { Starvation = (plan.Starvation, plan.StarvedFor) };
        Record = new InstanceRecord(database, plan);
        Costs = new FeedCosts(plan);
        InFlightReads = new InFlightReads(plan.Users, plan.Alternates, report);
        var session = new Session();
        Store = new StoreClient(database, session, Machine, plan, faults, history, random.Fork(), InFlightReads, Costs);
        Freshness = new FreshnessTracker(variant.Clocks(Machine.Time));
        Feed = new FeedClient(database, session, Machine, plan, faults, history, random.Fork(), Freshness, Costs, variant.ReadsSplitRangesAsOne);
        Cache = new UserCache(variant.Store(Store), Freshness, variant.Options(plan.Cache), Machine.Time, variant.Budget(plan.Budget));
        _sink = variant.Sink(Cache);
        var (feed, observer) = variant.Feed(Feed, this, Freshness);
        _follower = new ChangeFeedFollower(feed, _sink, Freshness, variant.Following(plan.Follower), Machine.Time, observer);
        variant.Change(Freshness, Cache);
    }

    public Machine Machine { get; }

    public InstanceRecord Record { get; }

    public FeedCosts Costs { get; }

    public InFlightReads InFlightReads { get; }

    public StoreClient Store { get; }

    public FeedClient Feed { get; }

    public FreshnessTracker Freshness { get; }

    public UserCache Cache { get; }

    /// <summary>Gets the requests that have not ended.</summary>
    public HashSet<Request> Requests { get; } = [];

    public bool IsUp { get; private set; } = true;

    public bool HasCrashed { get; private set; }

    /// <summary>Gets the task that follows the feed until the instance is stopped.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Gets or sets the callback after an eviction, which is the most critical time for a request for the same user.</summary>
    public Action<Instance, int>? JustEvicted { get; set; }

    public void Start()
    {
        _history.Note(SimulationEvent.InstanceStarted, Machine.Number);
        if (_plan.Follows)
            Machine.Post(() => Running = _follower.RunAsync(_stopping.Token));
    }

    /// <summary>Stops accepting requests. Requests in progress continue.</summary>
    public void Stop()
    {
        IsUp = false;
        _history.Note(SimulationEvent.InstanceStopped, Machine.Number);
        Machine.Post(_stopping.Cancel);
    }

    public void Crash()
    {
        IsUp = false;
        HasCrashed = true;
        _history.Note(SimulationEvent.InstanceCrashed, Machine.Number);
        Requests.Clear();
        Machine.Kill();
        Running = Task.CompletedTask;
    }

    /// <summary>Applies a change from the trigger function, which other instances might not receive.</summary>
    public void Trigger(UserHistory user, UserVersion version) => Machine.Post(() =>
    {
        if (!IsUp)
            return;

        // The change does not name the partition to which its LSN belongs, and the trigger has a session of its own. Nothing prevents a lagging
        // replica from returning an older version.
        var lsn = _database.RangeOf(user.Number).Log.First(record => record.Version == version).Lsn;
        _sink.Evict(FeedClient.ChangeOf(version, lsn), EvictionSource.Trigger);
        _history.Note(SimulationEvent.EvictedByTrigger, Machine.Number, user.Number, version.Index);
        Record.Evict(user.Number, _database.Now);
        NoteEvicted(user.Number, version);
    });

    public void EvictByAdministrator(UserHistory user) => Machine.Post(() =>
    {
        if (!IsUp)
            return;

        _sink.Evict(new UserChange(user.Key, 0, []), EvictionSource.Administrator);
        _history.Note(SimulationEvent.EvictedByAdministrator, Machine.Number, user.Number);
        Record.Evict(user.Number, _database.Now);
        Detach(user.Number);
        JustEvicted?.Invoke(this, user.Number);
    });

    public void Clear() => Machine.Post(() =>
    {
        if (!IsUp)
            return;

        Cache.Clear();
        _history.Note(SimulationEvent.Cleared, Machine.Number);
        for (var user = 0; user < _plan.Users; user++)
        {
            if (InFlightReads.Any(user))
                _history.Count(SimulationEvent.ClearedDuringRead);
            Record.Evict(user, _database.Now);
        }

        InFlightReads.DetachAll();
    });

    public void Dispose()
    {
        Cache.Dispose();
        _stopping.Dispose();
    }

    void IFollowerObserver.EpochBegan(long epoch, int ranges) => _history.Note(SimulationEvent.EpochBegan, Machine.Number, epoch, ranges);

    void IFollowerObserver.Armed(long epoch) => _history.Note(SimulationEvent.EpochArmed, Machine.Number, epoch);

    void IFollowerObserver.PageRead(string range, in FeedPage page)
    {
        foreach (var version in Feed.VersionsOf(page))
        {
            _history.Note(SimulationEvent.Evicted, Machine.Number, version.User.Number, version.Index);
            Record.EvictFor(version.User.Number, version.Index);
            NoteEvicted(version.User.Number, version);
        }

        if (Feed.ContinuedAfter(page) is { } continued)
            _report(new Violation(Guarantee.G6NoSilentLoss, $"Changes could not be parsed, and {Describe(continued)} continues."));
    }

    void IFollowerObserver.PollFailed(string? range, Exception exception)
    {
        if (exception is not Lookup.Domain.Stores.UserStoreException)
            _report(new Violation(Guarantee.FailsOnlyAsDocumented, $"A poll failed with {exception.GetType().Name}: {exception.Message}"));
    }

    void IFollowerObserver.GapFound(string range, Exception exception)
    {
        _history.Note(SimulationEvent.EpochEndedByGap, Machine.Number);
        CheckGaps(range);
    }

    void IFollowerObserver.ChangesUnreadable(string range, int count) => _history.Note(SimulationEvent.EpochEndedByUnreadable, Machine.Number, count);

    void IFollowerObserver.PartitionerAbandoned(string range) =>
        _report(new Violation(Guarantee.Recovers, $"Range {range} was taken to contain users of other ranges."));

    /// <summary>Checks that every lost position, or the one of a range, has ended the epochs in which it was read.</summary>
    public void CheckGaps(string? range = null)
    {
        if (Feed.ContinuedAfterGap(range) is { } continued)
            _report(new Violation(Guarantee.G6NoSilentLoss, $"A position was lost, and {Describe(continued)} continues."));
    }

    private static string Describe(FeedEpoch epoch) =>
        epoch.Range == FeedEpoch.AllRanges ? $"epoch {epoch.Number} of all ranges" : $"epoch {epoch.Number} of range {epoch.Range}";

    private void NoteEvicted(int user, UserVersion version)
    {
        Detach(user);
        if (version.Alternate >= 0)
            Detach(-1 - version.Alternate);
        JustEvicted?.Invoke(this, user);
    }

    private void Detach(int key)
    {
        if (InFlightReads.Any(key))
            _history.Count(SimulationEvent.EvictedDuringRead);
        InFlightReads.Detach(key);
    }
}
