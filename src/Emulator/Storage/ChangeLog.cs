namespace Lookup.Emulator.Storage;

/// <summary>The changes of one physical range in LSN order. The range's lock guards every member.</summary>
internal sealed class ChangeLog
{
    private const int CompactAbove = 65_536;

    private readonly List<Change> _changes = [];
    private int _compactAt = CompactAbove;

    /// <summary>
    /// Gets the LSN up to which superseded versions and deletions may have been removed. Current versions are never removed.
    /// </summary>
    public long CompactedUpTo { get; private set; }

    /// <summary>
    /// Gets the LSN at which a merged range begins, or 0. Changes up to it are those of the ranges that were merged, where they could have the
    /// same LSN, and are in the order of their LSNs, not of their times.
    /// </summary>
    public long MergedUpTo { get; private set; }

    /// <summary>Gets the time of the last change.</summary>
    public DateTimeOffset LastCommittedAt => _changes.Count == 0 ? DateTimeOffset.MinValue : _changes[^1].CommittedAt;

    public void Append(Change change)
    {
        if (_changes.Count >= _compactAt) Compact();
        _changes.Add(change);
    }

    /// <summary>Returns the changes after an LSN, oldest first.</summary>
    public IEnumerable<Change> After(long lsn)
    {
        for (var i = IndexAfter(lsn); i < _changes.Count; i++) yield return _changes[i];
    }

    /// <summary>
    /// Returns the LSN of the last change that was committed at or before a time, or the first LSN of the range if there is none.
    /// </summary>
    public long LsnAsOf(DateTimeOffset moment)
    {
        for (var i = _changes.Count - 1; i >= 0 && _changes[i].Lsn > MergedUpTo; i--)
        {
            if (_changes[i].CommittedAt <= moment) return _changes[i].Lsn;
        }

        return Math.Max(CompactedUpTo, MergedUpTo);
    }

    /// <summary>Continues the log of the range that was split.</summary>
    public void TakeOver(ChangeLog parent, Func<Change, bool> belongs)
    {
        _changes.AddRange(parent._changes.Where(belongs));
        CompactedUpTo = parent.CompactedUpTo;
        MergedUpTo = parent.MergedUpTo;
    }

    /// <summary>Continues the logs of the ranges that were merged.</summary>
    public void TakeOver(ChangeLog lower, ChangeLog upper, long mergedUpTo)
    {
        _changes.AddRange(lower._changes.Concat(upper._changes).OrderBy(change => change.Lsn));
        CompactedUpTo = Math.Max(lower.CompactedUpTo, upper.CompactedUpTo);
        MergedUpTo = mergedUpTo;
    }

    // After days of writes, most entries would be superseded versions, so the older half keeps current versions only.
    private void Compact()
    {
        var half = _changes.Count / 2;
        CompactedUpTo = _changes[half - 1].Lsn;
        var kept = _changes.Take(half).Where(change => change.IsLatestVersion).Concat(_changes.Skip(half)).ToList();
        _changes.Clear();
        _changes.AddRange(kept);
        _compactAt = _changes.Count + CompactAbove;
    }

    private int IndexAfter(long lsn)
    {
        int low = 0, high = _changes.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_changes[middle].Lsn <= lsn) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
