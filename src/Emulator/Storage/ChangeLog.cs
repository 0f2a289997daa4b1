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
    /// Returns the LSN of the last change that was committed at or before a time, or <see cref="CompactedUpTo"/> if there is none.
    /// </summary>
    public long LsnAsOf(DateTimeOffset moment)
    {
        for (var i = _changes.Count - 1; i >= 0; i--)
        {
            if (_changes[i].CommittedAt <= moment) return _changes[i].Lsn;
        }

        return CompactedUpTo;
    }

    public void TakeOver(ChangeLog parent, Func<Change, bool> belongs)
    {
        _changes.AddRange(parent._changes.Where(belongs));
        CompactedUpTo = parent.CompactedUpTo;
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
