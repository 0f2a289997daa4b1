using Lookup.Simulation.Engine;

namespace Lookup.Simulation.World;

/// <summary>
/// One physical partition: a range of users, a log with increasing numbers, replicas that apply it with a lag, and a change feed that
/// returns it with a delay.
/// </summary>
internal sealed class PhysicalRange
{
    public const int Replicas = 3;

    /// <summary>The LSN of a log without changes. A store that returns LSNs never returns 0.</summary>
    private const long FirstLsn = 1;

    private readonly List<Record> _log = [];

    public PhysicalRange(int id, int first, int end, PhysicalRange? parent)
    {
        Id = id;
        First = first;
        End = end;
        Parent = parent;
        if (parent is not null)
            _log.AddRange(parent._log);
        Lsn = parent?.Lsn ?? FirstLsn;
    }

    public int Id { get; }

    public int First { get; }

    /// <summary>Gets the first user after the range.</summary>
    public int End { get; }

    public PhysicalRange? Parent { get; }

    public (PhysicalRange Lower, PhysicalRange Upper)? Children { get; set; }

    /// <summary>Gets the LSN of the last change.</summary>
    public long Lsn { get; private set; }

    public IReadOnlyList<Record> Log => _log;

    public bool Holds(int user) => user >= First && user < End;

    public long Append(int user, long now, SimRandom random, long replicaLag, long feedDelay)
    {
        Lsn += random.Between(1, 3);
        var last = _log.Count > 0 ? _log[^1] : null;
        var appliedAt = new long[Replicas];
        appliedAt[0] = now; // the primary
        for (var i = 1; i < Replicas; i++)
            appliedAt[i] = Math.Max(now + random.Between(0, replicaLag), last?.AppliedAt[i] ?? 0);
        var shownAt = Math.Max(now + random.Between(0, feedDelay), last?.ShownAt ?? 0);
        _log.Add(new Record(user, Lsn, appliedAt, shownAt));
        return Lsn;
    }

    /// <summary>Returns the LSN up to which a replica has applied the log.</summary>
    public long AppliedBy(int replica, long now)
    {
        for (var i = _log.Count - 1; i >= 0; i--)
        {
            if (_log[i].AppliedAt[replica] <= now)
                return _log[i].Lsn;
        }

        return FirstLsn;
    }

    /// <summary>Returns the LSN up to which the change feed returns the log.</summary>
    public long ShownBy(long now)
    {
        for (var i = _log.Count - 1; i >= 0; i--)
        {
            if (_log[i].ShownAt <= now)
                return _log[i].Lsn;
        }

        return FirstLsn;
    }

    internal sealed record Record(int User, long Lsn, long[] AppliedAt, long ShownAt);
}
