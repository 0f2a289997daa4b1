using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.World;

/// <summary>One life of one instance: its process, the real cache and follower in it, and what it is checked by.</summary>
internal sealed class Instance : IFollowerObserver, IDisposable
{
    private readonly Plan _plan;
    private readonly Database _database;
    private readonly Chronicle _chronicle;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Action<Violation> _report;
    private readonly IChangeSink _sink;
    private readonly ChangeFeedFollower _follower;

    public Instance(
        int number,
        Plan plan,
        Database database,
        Faults faults,
        Chronicle chronicle,
        SimRandom random,
        Variant variant,
        Action<Violation> report)
    {
        _plan = plan;
        _database = database;
        _chronicle = chronicle;
        _report = report;
        Machine = new Machine(number, faults.Scheduler) { Starvation = (plan.Starvation, plan.StarvedFor) };
        Record = new InstanceRecord(database, plan);
        UnderWay = new ReadsUnderWay(plan.Users, plan.Alternates, report);
        var session = new Session();
        Store = new StoreClient(database, session, Machine, plan, faults, chronicle, random.Fork(), UnderWay);
        Freshness = new FreshnessTracker(variant.Clocks(Machine.Time));
        Feed = new FeedClient(database, session, Machine, plan, faults, chronicle, random.Fork(), Freshness, variant.ReadsSplitRangesAsOne);
        Cache = new UserCache(variant.Store(Store), Freshness, variant.Options(plan.Cache), Machine.Time, variant.Budget(plan.Budget));
        _sink = variant.Sink(Cache);
        var (feed, observer) = variant.Feed(Feed, this, Freshness);
        _follower = new ChangeFeedFollower(feed, _sink, Freshness, plan.Follower, Machine.Time, observer);
        variant.Change(Freshness, Cache);
    }

    public Machine Machine { get; }

    public InstanceRecord Record { get; }

    public ReadsUnderWay UnderWay { get; }

    public StoreClient Store { get; }

    public FeedClient Feed { get; }

    public FreshnessTracker Freshness { get; }

    public UserCache Cache { get; }

    /// <summary>Requests that have not ended.</summary>
    public HashSet<Request> Requests { get; } = [];

    public bool IsUp { get; private set; } = true;

    public bool HasCrashed { get; private set; }

    /// <summary>Follows the feed until stopped.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>The epoch in which a position was last lost.</summary>
    public long EpochOfGap { get; private set; }

    /// <summary>Something was evicted just now: the best moment for somebody to ask for it.</summary>
    public Action<Instance, int>? JustEvicted { get; set; }

    public void Start()
    {
        _chronicle.Note(Happening.InstanceStarted, Machine.Number);
        if (_plan.Follows)
            Machine.Post(() => Running = _follower.RunAsync(_stopping.Token));
    }

    /// <summary>Takes no more requests; those under way go on.</summary>
    public void Stop()
    {
        IsUp = false;
        _chronicle.Note(Happening.InstanceStopped, Machine.Number);
        Machine.Post(_stopping.Cancel);
    }

    public void Crash()
    {
        IsUp = false;
        HasCrashed = true;
        _chronicle.Note(Happening.InstanceCrashed, Machine.Number);
        Requests.Clear();
        Machine.Kill();
        Running = Task.CompletedTask;
    }

    /// <summary>The trigger function hands this instance a change that others may never hear of.</summary>
    public void Trigger(UserHistory user, UserVersion version) => Machine.Post(() =>
    {
        if (!IsUp)
            return;

        _sink.Evict(Feed.ChangeOf(user, version), EvictionSource.Trigger);
        _chronicle.Note(Happening.EvictedByTrigger, Machine.Number, user.Number, version.Index);
        NoteEvicted(user.Number, version);
    });

    public void EvictByAdministrator(UserHistory user) => Machine.Post(() =>
    {
        if (!IsUp)
            return;

        _sink.Evict(new UserChange(user.Key, 0, []), EvictionSource.Administrator);
        _chronicle.Note(Happening.EvictedByAdministrator, Machine.Number, user.Number);
        Record.Evict(user.Number, _database.Now);
        Detach(user.Number);
        JustEvicted?.Invoke(this, user.Number);
    });

    public void Clear() => Machine.Post(() =>
    {
        if (!IsUp)
            return;

        Cache.Clear();
        _chronicle.Note(Happening.Cleared, Machine.Number);
        for (var user = 0; user < _plan.Users; user++)
        {
            if (UnderWay.Any(user))
                _chronicle.Count(Happening.ClearedDuringRead);
            Record.Evict(user, _database.Now);
        }

        UnderWay.DetachAll();
    });

    public void Dispose()
    {
        Cache.Dispose();
        _stopping.Dispose();
    }

    void IFollowerObserver.EpochBegan(long epoch, int ranges) => _chronicle.Note(Happening.EpochBegan, Machine.Number, epoch, ranges);

    void IFollowerObserver.Armed(long epoch) => _chronicle.Note(Happening.EpochArmed, Machine.Number, epoch);

    void IFollowerObserver.PageRead(string range, in FeedPage page)
    {
        foreach (var change in page.Changes)
        {
            var user = _database.Users[Database.NumberOf(change.Key)];
            var version = user.At(change.Lsn);
            _chronicle.Note(Happening.Evicted, Machine.Number, user.Number, version.Index);
            NoteEvicted(user.Number, version);
        }

        if (Feed.IsIncomplete(page) && Feed.EpochOfLoss >= Freshness.Epoch)
            _report(new Violation(Promise.G6NoSilentLoss, $"Changes could not be read, and epoch {Freshness.Epoch} goes on."));
    }

    void IFollowerObserver.PollFailed(string? range, Exception exception)
    {
        if (exception is not Lookup.Domain.Stores.UserStoreException)
            _report(new Violation(Promise.FailsOnlyAsSaid, $"A poll failed with {exception.GetType().Name}: {exception.Message}"));
    }

    void IFollowerObserver.GapFound(string range, Exception exception)
    {
        // Of several parts one may hear of it late, when the feed has been started again: the gap is in the epoch in which it asked.
        EpochOfGap = Feed.EpochOfGap;
        _chronicle.Note(Happening.EpochEndedByGap, Machine.Number);
    }

    void IFollowerObserver.ChangesUnreadable(string range, int count) => _chronicle.Note(Happening.EpochEndedUnread, Machine.Number, count);

    private void NoteEvicted(int user, UserVersion version)
    {
        Record.EvictFor(user, version.Index);
        Detach(user);
        if (version.Alternate >= 0)
            Detach(-1 - version.Alternate);
        JustEvicted?.Invoke(this, user);
    }

    private void Detach(int key)
    {
        if (UnderWay.Any(key))
            _chronicle.Count(Happening.EvictedDuringRead);
        UnderWay.Detach(key);
    }
}
