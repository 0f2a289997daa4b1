using System.Globalization;
using Lookup.Domain.Users;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.World;

/// <summary>The simulated store: the truth about every user, the ranges they are in, and what is known of them where and when.</summary>
internal sealed class Database
{
    private readonly Scheduler _scheduler;
    private readonly Chronicle _chronicle;
    private readonly Plan _plan;
    private readonly SimRandom _random;
    private readonly List<PhysicalRange> _ranges = [];
    private readonly PhysicalRange[] _rangeOf;

    public Database(Plan plan, Scheduler scheduler, Chronicle chronicle, SimRandom random)
    {
        _plan = plan;
        _scheduler = scheduler;
        _chronicle = chronicle;
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

    /// <summary>True time.</summary>
    public long Now => _scheduler.Now;

    public UserHistory[] Users { get; }

    public AlternateKey[] Alternates { get; }

    public IEnumerable<PhysicalRange> Leaves => _ranges.Where(range => range.Children is null);

    public PhysicalRange Range(int id) => _ranges[id];

    public PhysicalRange RangeOf(int user) => _rangeOf[user];

    /// <summary>Which alternate key it is; −1 for one that nobody ever had.</summary>
    public int NumberOf(AlternateKey key) => Array.IndexOf(Alternates, key);

    /// <summary>Which user it is.</summary>
    public static int NumberOf(UserKey key) => int.Parse(key.Id.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Changes a user: creates it where it is absent, else changes its content, its alternate key or both.</summary>
    public UserVersion Write(int user, bool moveAlternate)
    {
        var history = Users[user];
        var before = history.Newest;
        var alternate = moveAlternate || before.IsAbsent ? _random.Next(Alternates.Length + 1) - 1 : before.Alternate;
        var lsn = _rangeOf[user].Append(user, _scheduler.Now, _random, _plan.ReplicaLag, _plan.FeedDelay);
        var version = history.Add(
            lsn,
            _scheduler.Now,
            alternate,
            alternate < 0 ? null : Alternates[alternate],
            _plan.BodyBytes);
        _chronicle.Note(before.IsAbsent ? before.Index > 0 ? Happening.UserRecreated : Happening.UserCreated : Happening.UserChanged, -1, user, version.Index, lsn);
        if (!before.IsAbsent && alternate != before.Alternate)
            _chronicle.Note(Happening.AlternateKeyMoved, -1, user, before.Alternate, alternate);
        return version;
    }

    public UserVersion? Delete(int user)
    {
        var history = Users[user];
        if (history.Newest.IsAbsent)
            return null;

        var lsn = _rangeOf[user].Append(user, _scheduler.Now, _random, _plan.ReplicaLag, _plan.FeedDelay);
        var version = history.Delete(lsn, _scheduler.Now);
        _chronicle.Note(Happening.UserDeleted, -1, user, version.Index, lsn);
        return version;
    }

    /// <summary>Splits a range in two; the log's numbers go on in both.</summary>
    public void Split()
    {
        var leaves = Leaves.Where(range => range.End - range.First > 1).ToArray();
        if (leaves.Length == 0)
            return;

        var parent = leaves[_random.Next(leaves.Length)];
        var middle = (int)_random.Between(parent.First + 1, parent.End - 1);
        parent.Children = (AddRange(parent.First, middle, parent), AddRange(middle, parent.End, parent));
        _chronicle.Note(Happening.RangeSplit, -1, parent.Id, parent.Children.Value.Lower.Id, parent.Children.Value.Upper.Id);
    }

    private PhysicalRange AddRange(int first, int end, PhysicalRange? parent)
    {
        var range = new PhysicalRange(_ranges.Count, first, end, parent);
        _ranges.Add(range);
        for (var user = first; user < end; user++)
            _rangeOf[user] = range;
        return range;
    }
}
