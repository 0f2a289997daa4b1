using System.Globalization;
using Lookup.Domain.Users;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.World;

/// <summary>The simulated store: all versions of all users, and the ranges that contain them.</summary>
internal sealed class Database
{
    private readonly Scheduler _scheduler;
    private readonly History _history;
    private readonly Plan _plan;
    private readonly SimRandom _random;
    private readonly List<PhysicalRange> _ranges = [];
    private readonly PhysicalRange[] _rangeOf;
    private readonly Dictionary<int, UserVersion> _unrecorded = []; // the absences of users that have expired, until the log contains them

    public Database(Plan plan, Scheduler scheduler, History history, SimRandom random)
    {
        _plan = plan;
        _scheduler = scheduler;
        _history = history;
        _random = random;
        Users = [.. Enumerable.Range(0, plan.Users).Select(number => new UserHistory(number))];
        Alternates =
        [
            .. Enumerable.Range(0, plan.Alternates)
                .Select(number => new AlternateKey("/email", string.Create(CultureInfo.InvariantCulture, $"{number}@example.com"))),
        ];
        _rangeOf = new PhysicalRange[plan.Users];
        for (var i = 0; i < plan.Ranges; i++)
            AddRange(i * plan.Users / plan.Ranges, (i + 1) * plan.Users / plan.Ranges, null);
    }

    /// <summary>Gets the true time.</summary>
    public long Now => _scheduler.Now;

    public UserHistory[] Users { get; }

    public AlternateKey[] Alternates { get; }

    /// <summary>Gets the number of partitions that have existed.</summary>
    public int Partitions => _ranges.Count;

    public IEnumerable<PhysicalRange> Leaves => _ranges.Where(range => range.Children is null);

    public PhysicalRange Range(int id) => _ranges[id];

    public PhysicalRange RangeOf(int user) => _rangeOf[user];

    /// <summary>Returns the number of an alternate key, or −1 if it is not one of this database.</summary>
    public int NumberOf(AlternateKey key) => Array.IndexOf(Alternates, key);

    /// <summary>Returns the number of a user.</summary>
    public static int NumberOf(UserKey key) => int.Parse(key.Id.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Writes a user: creates it if it does not exist; otherwise, changes its content, its alternate key or both.</summary>
    public UserVersion Write(int user, bool moveAlternate, bool joins = false)
    {
        var versions = Users[user];
        var before = versions.Newest;
        var alternate = moveAlternate || before.IsAbsent ? _random.Next(Alternates.Length + 1) - 1 : before.Alternate;
        RecordExpiry(user);
        var version = versions.Add(_scheduler.Now, alternate, alternate < 0 ? null : Alternates[alternate], _plan.BodyBytes);
        var lsn = Append(version, joins);
        if (_random.Chance(_plan.TimesToLive))
            ExpireAt(version, _scheduler.Now + _random.LogBetween(_plan.Unit / 2, _plan.Horizon / 2));
        _history.Note(before.IsAbsent ? before.Index > 0 ? SimulationEvent.UserRecreated : SimulationEvent.UserCreated : SimulationEvent.UserChanged, -1, user, version.Index, lsn);
        if (!before.IsAbsent && alternate != before.Alternate)
            _history.Note(SimulationEvent.AlternateKeyMoved, -1, user, before.Alternate, alternate);
        return version;
    }

    public UserVersion? Delete(int user, bool joins = false)
    {
        var versions = Users[user];
        if (versions.Newest.IsAbsent)
            return null;

        var version = versions.Delete(_scheduler.Now);
        var lsn = Append(version, joins);
        _history.Note(SimulationEvent.UserDeleted, -1, user, version.Index, lsn);
        return version;
    }

    /// <summary>Gives every user an unlimited time to live.</summary>
    public void EndExpiry()
    {
        foreach (var user in Users)
            user.Newest.EndsAt = long.MaxValue;
    }

    /// <summary>Splits a range in two. The log sequence numbers of each child continue, or begin anywhere.</summary>
    public void Split()
    {
        var leaves = Leaves.Where(range => range.End - range.First > 1).ToArray();
        if (leaves.Length == 0)
            return;

        var parent = leaves[_random.Next(leaves.Length)];
        var middle = (int)_random.Between(parent.First + 1, parent.End - 1);
        parent.Children = (AddRange(parent.First, middle, parent), AddRange(middle, parent.End, parent));
        _history.Note(SimulationEvent.RangeSplit, -1, parent.Id, parent.Children.Value.Lower.Id, parent.Children.Value.Upper.Id);
    }

    /// <summary>
    /// Ends a version: from then on the store does not return it, while the log and the feed contain the delete only when a background task
    /// has recorded it.
    /// </summary>
    private void ExpireAt(UserVersion version, long time)
    {
        version.EndsAt = time;
        var user = version.User.Number;
        _scheduler.At(time, () =>
        {
            if (version.EndsAt == long.MaxValue || Users[user].Newest != version)
                return;

            _unrecorded[user] = Users[user].Expire(_scheduler.Now);
            _history.Note(SimulationEvent.UserExpired, -1, user, version.Index);
            _scheduler.After(_random.LogBetween(_plan.Latency, _plan.Unit * 8), () => RecordExpiry(user));
        });
    }

    private void RecordExpiry(int user)
    {
        if (_unrecorded.Remove(user, out var absence))
            Append(absence, joins: false);
    }

    private long Append(UserVersion version, bool joins)
    {
        var user = version.User.Number;
        return _rangeOf[user].Append(user, version, _scheduler.Now, _random, _plan.ReplicaLag, _plan.FeedDelay, joins);
    }

    private PhysicalRange AddRange(int first, int end, PhysicalRange? parent)
    {
        var firstLsn = parent is null ? _random.Next(2) : _plan.Renumbers ? _random.Between(1, 100) : parent.LsnOf(0);
        var range = new PhysicalRange(_ranges.Count, first, end, parent, firstLsn);
        _ranges.Add(range);
        for (var user = first; user < end; user++)
            _rangeOf[user] = range;
        return range;
    }
}
