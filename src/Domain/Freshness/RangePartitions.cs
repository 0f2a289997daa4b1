namespace Lookup.Domain.Freshness;

/// <summary>
/// The physical partition of each feed range, as the pages of the feed name it. A range has none as long as no page has named it, and, until
/// the feed is started again, once the range has split or a page has named a partition with another id, for example after a merge.
/// </summary>
/// <remarks>Thread-safe: the parts of a range are polled concurrently.</remarks>
internal sealed class RangePartitions(int ranges)
{
    private readonly Lock _gate = new();
    private readonly LogPartition?[] _partitions = new LogPartition?[ranges];
    private readonly bool[] _hasChanged = new bool[ranges];

    /// <summary>Gets the partitions of all ranges that have one.</summary>
    public IReadOnlySet<LogPartition> All => _partitions.OfType<LogPartition>().ToHashSet();

    /// <summary>Returns the partition of a range, or <see langword="null"/> if it has none.</summary>
    public LogPartition? Of(int range) => range < _partitions.Length ? Volatile.Read(ref _partitions[range]) : null;

    /// <summary>Determines whether a partition is the one of a range.</summary>
    public bool Contains(LogPartition partition) => Array.IndexOf(_partitions, partition) >= 0;

    /// <summary>
    /// Records the partition that returned a page of a whole range, or <see langword="null"/> if the range has several.
    /// </summary>
    /// <returns><see langword="true"/> if the partition of the range has changed; otherwise, <see langword="false"/>.</returns>
    public bool Note(int range, LogPartition? partition)
    {
        if (range >= _partitions.Length || (partition is not null && Of(range) == partition))
            return false;

        lock (_gate)
        {
            // Once it has split or merged, a range has no single partition until the feed is started again.
            var known = _partitions[range];
            _hasChanged[range] |= partition is null || (known is not null && known.Id != partition.Id);
            if (_hasChanged[range])
                Volatile.Write(ref _partitions[range], null);
            else if (known is null || partition!.Replaces(known))
                Volatile.Write(ref _partitions[range], partition);
            return !ReferenceEquals(known, _partitions[range]);
        }
    }
}
