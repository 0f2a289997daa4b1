using System.IO.Hashing;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Lookup.Domain.Freshness;

/// <summary>
/// The log sequence numbers (LSNs) that this instance knows: for each partition, an array in which the hash of a key selects the highest LSN of
/// any key with that hash.
/// </summary>
/// <remarks>
/// A result of a read is behind if its replica had not reached the LSN of its key. If keys share an element and a replica lags, a read can
/// seem behind and is repeated. A read that is behind never seems current because of a shared element. The size is fixed, whatever the number
/// and the length of the keys.
/// <para>
/// An LSN does not expire. The LSNs of a partition are discarded together: when a response names a later version of the partition's topology,
/// when it names the partition in a later log, and by <see cref="RemoveBefore"/>.
/// </para>
/// <para>Thread-safe. An LSN is raised under the lock of the key's stripe, before anything that depends on it is done.</para>
/// </remarks>
/// <param name="capacity">The number of elements of all arrays together. When they are used up, a further partition adds one.</param>
internal sealed class LsnSketches(int capacity)
{
    /// <summary>The maximum number of elements for one partition (64 KiB).</summary>
    public const int MaxElements = 8192;

    /// <summary>
    /// The maximum number of partitions. Beyond it, nothing is known about further partitions; the session of the client still protects their
    /// users.
    /// </summary>
    public const int MaxPartitions = 1024;

    /// <summary>
    /// The memory that a partition takes in addition to its elements, in bytes: the header of the array, the sketch, the partition with its
    /// id, and their place in the dictionary.
    /// </summary>
    public const int BytesPerPartition = 168;

    private readonly Lock _gate = new();
    private Dictionary<string, Sketch> _sketches = new(StringComparer.Ordinal); // immutable; replaced under the lock
    private int _used;

    /// <summary>Gets the memory of all partitions, in bytes.</summary>
    public long Bytes => ((long)Volatile.Read(ref _used) * sizeof(long)) + ((long)Volatile.Read(ref _sketches).Count * BytesPerPartition);

    /// <summary>Returns the hash of a key, which is the same in every process.</summary>
    public static ulong HashOf(string cacheKey) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(cacheKey.AsSpan()));

    /// <summary>Returns the highest known LSN in a partition of any key with a hash, or 0 if none is known.</summary>
    public long Get(LogPartition? partition, ulong hash) => Find(partition) is { } sketch ? sketch.Get(hash) : 0;

    /// <summary>
    /// Determines whether a replica at a position lags behind what is known of a key: it had not reached the known LSN, or belongs to a
    /// partition that another one has replaced.
    /// </summary>
    /// <returns><see langword="false"/> if it does not, or if nothing is known of the partition.</returns>
    public bool IsBehind(LogPosition position, ulong hash) =>
        position.Partition is { } partition
        && Volatile.Read(ref _sketches).TryGetValue(partition.Id, out var sketch)
        && position.IsBehind(new LogPosition(sketch.Partition, sketch.Get(hash)));

    /// <summary>Raises the LSN of a key. A position that is not known has no effect.</summary>
    /// <returns>The LSN that was known before.</returns>
    public long Raise(LogPosition position, ulong hash)
    {
        if (!position.IsKnown)
            return 0;

        return (Find(position.Partition) ?? Begin(position.Partition!))?.Raise(hash, position.Lsn) ?? 0;
    }

    /// <summary>Returns the highest LSN that is known for any key in a partition, or 0 if none is.</summary>
    public long HighestOf(LogPartition partition) => Find(partition)?.Highest ?? 0;

    /// <summary>Adds a partition, of which nothing may be known yet, so that LSNs can be raised in it.</summary>
    public void Add(LogPartition partition) => _ = Find(partition) ?? Begin(partition);

    /// <summary>Determines whether LSNs can be raised in a partition: it was added, and was neither replaced nor removed.</summary>
    public bool Contains(LogPartition? partition) => Find(partition) is not null;

    /// <summary>
    /// Determines whether everything that is known of the users in a partition is of that partition: it has not replaced another version, and
    /// every other partition is that of another feed range.
    /// </summary>
    /// <param name="partition">The partition.</param>
    /// <param name="followed">The partitions of all feed ranges.</param>
    public bool IsFirst(LogPartition partition, IReadOnlySet<LogPartition> followed)
    {
        var sketches = Volatile.Read(ref _sketches);
        foreach (var sketch in sketches.Values)
        {
            if (sketch.Partition.Id == partition.Id ? sketch.HasReplaced || sketch.Partition != partition : !followed.Contains(sketch.Partition))
                return false;
        }

        return sketches.Count < MaxPartitions;
    }

    /// <summary>Returns the elements of a partition, or an empty list if nothing is known of it.</summary>
    public IReadOnlyList<long> Copy(LogPartition partition) => Find(partition)?.Copy() ?? [];

    /// <summary>Raises the LSNs of a partition to those that another instance knows, up to a highest one.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="lsns">
    /// The elements of the other instance; their number is a power of two. If it differs, more keys share an element here or there, so LSNs can be
    /// raised for keys that have none. They are never raised to less than the other instance knows.
    /// </param>
    /// <param name="highest">The highest LSN to which they are raised.</param>
    /// <returns><see langword="false"/> if LSNs cannot be raised in the partition.</returns>
    public bool TryMerge(LogPartition partition, IReadOnlyList<long> lsns, long highest)
    {
        if ((Find(partition) ?? Begin(partition)) is not { } sketch)
            return false;

        sketch.Merge(lsns, highest);
        return true;
    }

    /// <summary>Discards what is known of the logs before one. What reads have already shown of that log, or of a later one, remains known.</summary>
    public void RemoveBefore(long log)
    {
        lock (_gate)
        {
            var left = _sketches.Where(each => each.Value.Partition.Log >= log).ToDictionary(StringComparer.Ordinal);
            Volatile.Write(ref _sketches, left);
            Volatile.Write(ref _used, left.Values.Sum(sketch => sketch.Elements));
        }
    }

    private Sketch? Find(LogPartition? partition) =>
        partition is not null && Volatile.Read(ref _sketches).TryGetValue(partition.Id, out var sketch) && sketch.Partition == partition ? sketch : null;

    /// <summary>
    /// Adds an array for a partition that has none. It replaces the array of an earlier version of the partition, because their LSNs are not
    /// comparable.
    /// </summary>
    /// <param name="partition">The partition, with the version of its topology and its log.</param>
    /// <returns>
    /// The array, or <see langword="null"/> if a later version of the partition is known already, or if there are
    /// <see cref="MaxPartitions"/> others.
    /// </returns>
    private Sketch? Begin(LogPartition partition)
    {
        lock (_gate)
        {
            var elements = ElementsFor(_used);
            var replaces = false;
            if (_sketches.TryGetValue(partition.Id, out var known))
            {
                if (!partition.Replaces(known.Partition))
                    return known.Partition == partition ? known : null;
                elements = known.Elements;
                replaces = true;
            }
            else if (_sketches.Count == MaxPartitions)
            {
                return null;
            }
            else
            {
                Volatile.Write(ref _used, _used + elements);
            }

            var sketch = new Sketch(partition, elements, replaces);
            Volatile.Write(ref _sketches, new Dictionary<string, Sketch>(_sketches, StringComparer.Ordinal) { [partition.Id] = sketch });
            return sketch;
        }
    }

    /// <summary>
    /// Returns the size of the next array: half of what is left, rounded up to a power of two, but at most <see cref="MaxElements"/>. Something
    /// is then left for further partitions. If nothing is left, the array has one element, in addition to the capacity.
    /// </summary>
    /// <param name="used">The number of elements of all arrays that exist.</param>
    private int ElementsFor(int used) => Math.Min(MaxElements, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, (capacity - used + 1) / 2)));

    private sealed class Sketch(LogPartition partition, int elements, bool hasReplaced)
    {
        private readonly long[] _lsns = new long[elements];
        private long _highest;

        public LogPartition Partition { get; } = partition;

        /// <summary>Gets a value that indicates whether it has taken the place of an earlier version of the partition, whose LSNs were discarded.</summary>
        public bool HasReplaced { get; } = hasReplaced;

        public int Elements => _lsns.Length;

        public long Highest => Volatile.Read(ref _highest);

        public long Get(ulong hash) => Volatile.Read(ref Element(hash));

        public long Raise(ulong hash, long lsn)
        {
            // Keys of different stripes can share an element, so the lock of a stripe does not guard it.
            Raise(ref _highest, lsn);
            return Raise(ref Element(hash), lsn);
        }

        public long[] Copy()
        {
            var copy = new long[_lsns.Length];
            for (var i = 0; i < copy.Length; i++)
                copy[i] = Volatile.Read(ref _lsns[i]);
            return copy;
        }

        public void Merge(IReadOnlyList<long> lsns, long highest)
        {
            // The lower bits of the index are the same in both arrays.
            for (var i = 0; i < Math.Max(lsns.Count, _lsns.Length); i++)
            {
                var lsn = Math.Min(highest, lsns[i & (lsns.Count - 1)]);
                Raise(ref _highest, lsn);
                Raise(ref _lsns[i & (_lsns.Length - 1)], lsn);
            }
        }

        private static long Raise(ref long element, long lsn)
        {
            while (true)
            {
                var known = Volatile.Read(ref element);
                if (known >= lsn || Interlocked.CompareExchange(ref element, lsn, known) == known)
                    return known;
            }
        }

        private ref long Element(ulong hash) => ref _lsns[(int)(hash >> 32) & (_lsns.Length - 1)];
    }
}
