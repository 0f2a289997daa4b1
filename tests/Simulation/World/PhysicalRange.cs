using Lookup.Domain.Freshness;
using Lookup.Simulation.Engine;

namespace Lookup.Simulation.World;

/// <summary>
/// One physical partition: a range of users, a log with increasing numbers, replicas that apply it with a lag, and a change feed that
/// returns it with a delay.
/// </summary>
/// <remarks>
/// A place in the log is the number of records before it. It is the same in the parent and in the children of a split, while the log sequence
/// numbers (LSNs) of a child can begin anywhere.
/// </remarks>
internal sealed class PhysicalRange
{
    public const int Replicas = 3;

    private readonly List<Record> _log = [];
    private readonly long _firstLsn;

    public PhysicalRange(int id, int first, int end, PhysicalRange? parent, long firstLsn)
    {
        Id = id;
        First = first;
        End = end;
        Parent = parent;
        Partition = new LogPartition(id.ToString(System.Globalization.CultureInfo.InvariantCulture), -1);
        _firstLsn = firstLsn;
        var lsn = firstLsn;
        for (var i = 0; i < (parent?._log.Count ?? 0); i++)
        {
            var record = parent!._log[i];
            lsn += record.Lsn - (i > 0 ? parent._log[i - 1].Lsn : parent._firstLsn);
            _log.Add(record with { Lsn = lsn });
        }
    }

    public int Id { get; }

    public LogPartition Partition { get; }

    public int First { get; }

    /// <summary>Gets the first user after the range.</summary>
    public int End { get; }

    public PhysicalRange? Parent { get; }

    public (PhysicalRange Lower, PhysicalRange Upper)? Children { get; set; }

    public IReadOnlyList<Record> Log => _log;

    public bool Holds(int user) => user >= First && user < End;

    /// <summary>Adds the change that created a version.</summary>
    /// <param name="version">The version.</param>
    /// <param name="user">The user.</param>
    /// <param name="now">The true time.</param>
    /// <param name="random">The source of the lags.</param>
    /// <param name="replicaLag">The maximum lag of a replica.</param>
    /// <param name="feedDelay">The maximum delay of the feed.</param>
    /// <param name="joins">
    /// A value that indicates whether the change is part of the transaction of the last one: it has the same LSN, and becomes visible together
    /// with it.
    /// </param>
    /// <returns>The LSN.</returns>
    public long Append(int user, UserVersion version, long now, SimRandom random, long replicaLag, long feedDelay, bool joins)
    {
        var last = _log.Count > 0 ? _log[^1] : null;
        if (joins && last is not null)
        {
            _log.Add(last with { User = user, Version = version });
            return last.Lsn;
        }

        var appliedAt = new long[Replicas];
        appliedAt[0] = now; // the primary
        for (var i = 1; i < Replicas; i++)
            appliedAt[i] = Math.Max(now + random.Between(0, replicaLag), last?.AppliedAt[i] ?? 0);
        var shownAt = Math.Max(now + random.Between(0, feedDelay), last?.ShownAt ?? 0);
        _log.Add(new Record(user, version, LsnOf(_log.Count) + random.Between(1, 3), appliedAt, shownAt));
        return _log[^1].Lsn;
    }

    /// <summary>Returns the LSN at a place in the log.</summary>
    public long LsnOf(int place) => place == 0 ? _firstLsn : _log[place - 1].Lsn;

    /// <summary>Returns the position that a response from a place in the log names.</summary>
    public LogPosition PositionOf(int place) => new(Partition, LsnOf(place));

    /// <summary>Returns the place up to which a replica has applied the log.</summary>
    public int AppliedBy(int replica, long now) => Count(record => record.AppliedAt[replica] <= now);

    /// <summary>Returns the place up to which the change feed returns the log.</summary>
    public int ShownBy(long now) => Count(record => record.ShownAt <= now);

    /// <summary>Returns the record of the version of a user in a state of the log, or <see langword="null"/> before the first one.</summary>
    public Record? Find(int user, int place)
    {
        for (var i = place - 1; i >= 0; i--)
        {
            if (_log[i].User == user)
                return _log[i];
        }

        return null;
    }

    private int Count(Predicate<Record> isVisible)
    {
        var place = _log.Count;
        while (place > 0 && !isVisible(_log[place - 1]))
            place--;
        return place;
    }

    internal sealed record Record(int User, UserVersion Version, long Lsn, long[] AppliedAt, long ShownAt);
}
