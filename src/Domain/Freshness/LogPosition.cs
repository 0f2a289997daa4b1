namespace Lookup.Domain.Freshness;

/// <summary>A physical partition of the store and the version of its topology. Log sequence numbers (LSNs) are comparable within one only.</summary>
/// <param name="Id">The id of the partition.</param>
/// <param name="Version">The version, which grows when the topology of the partition changes, for example by a failover; -1 if there is none.</param>
/// <param name="Log">The number of the container's log: a recreated container has another log, and can have partitions with the same ids.</param>
public sealed record LogPartition(string Id, long Version, long Log = 1)
{
    /// <summary>
    /// Determines whether this partition has taken the place of another one with the same id. A response from the other one comes from a
    /// replica that does not know that yet, and is behind.
    /// </summary>
    internal bool Replaces(LogPartition other) => Id == other.Id && (Log != other.Log ? Log > other.Log : Version > other.Version);
}

/// <summary>The positions that the responses of one partition to a read had reached.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="From">The lowest LSN. The result reflects at least the state at it.</param>
/// <param name="To">The highest LSN. The result contains nothing that was written after it.</param>
public readonly record struct LogSpan(LogPartition Partition, long From, long To)
{
    /// <summary>Gets the position that the result reflects.</summary>
    public LogPosition Lowest => new(Partition, From);

    /// <summary>Gets the position up to which the result may have been written.</summary>
    public LogPosition Highest => new(Partition, To);

    /// <summary>
    /// Returns the position at which a version in the result was written: the highest possible one if its LSN is not known (0), or if the
    /// response states one that its replica had not reached.
    /// </summary>
    public LogPosition VersionAt(long lsn) => new(Partition, lsn > 0 ? Math.Min(lsn, To) : To);
}

/// <summary>A position in the log of a partition: the state that a response reflects, or the place of a change.</summary>
/// <param name="Partition">The partition, or <see langword="null"/> if it is not known. The position then proves nothing.</param>
/// <param name="Lsn">The LSN; 0 if it is not known, or if nothing was written in the partition.</param>
public readonly record struct LogPosition(LogPartition? Partition, long Lsn)
{
    /// <summary>Gets a value that indicates whether the position can be compared with others in the same partition.</summary>
    public bool IsKnown => Partition is not null && Lsn > 0;

    /// <summary>Determines whether a state at this position includes everything up to another position.</summary>
    /// <returns><see langword="false"/> if it does not, or if that is not known, because the partitions differ.</returns>
    public bool Includes(LogPosition other) => Partition is not null && Partition == other.Partition && Lsn >= other.Lsn;

    /// <summary>
    /// Determines whether a replica at this position lags behind one at another position: it is at a lower LSN of the same partition, or the
    /// partition of the other one has replaced its own.
    /// </summary>
    /// <returns><see langword="false"/> if it does not, or if that is not known.</returns>
    public bool IsBehind(LogPosition other) =>
        Partition is not null && other.Partition is not null && (Partition == other.Partition ? Lsn < other.Lsn : other.Partition.Replaces(Partition));

    /// <summary>Returns the later one of two positions if they are comparable; otherwise, this one.</summary>
    public LogPosition OrLater(LogPosition other) => other.Includes(this) ? other : this;
}
