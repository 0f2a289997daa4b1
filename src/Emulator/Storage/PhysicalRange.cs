using Lookup.Emulator.Partitioning;

namespace Lookup.Emulator.Storage;

/// <summary>
/// A physical partition: an interval of the hash space with its own log and log sequence numbers.
/// Writers hold <see cref="Gate"/>; readers only read <see cref="Position"/>.
/// </summary>
internal sealed class PhysicalRange
{
    private volatile RangePosition _position;
    private volatile bool _isGone;

    public PhysicalRange(string id, KeyRange keys, long generation)
    {
        Id = id;
        Keys = keys;
        Generation = generation;
        Ancestry = [id];
        _position = new RangePosition(id, 0);
    }

    private PhysicalRange(string id, KeyRange keys, long generation, PhysicalRange parent)
        : this(id, keys, generation)
    {
        Ancestry = [.. parent.Ancestry, id];
        _position = new RangePosition(id, parent.Position.Lsn);
        Log.TakeOver(parent.Log, change => keys.Contains(change.Document.Place));
        Pending.TakeOver(parent.Pending, document => keys.Contains(document.Place));
    }

    private PhysicalRange(string id, long generation, PhysicalRange lower, PhysicalRange upper)
        : this(id, new KeyRange(lower.Keys.Min, upper.Keys.Max), generation)
    {
        Ancestry = [.. lower.Ancestry.Concat(upper.Ancestry).Distinct(), id];
        // Above the LSNs of both, so that a continuation or a session token of either one is never ahead of this range.
        _position = new RangePosition(id, Math.Max(lower.NextLsn, upper.NextLsn));
        Log.TakeOver(lower.Log, upper.Log, _position.Lsn);
        Pending.TakeOver(lower.Pending, _ => true);
        Pending.TakeOver(upper.Pending, _ => true);
    }

    public Lock Gate { get; } = new();

    public string Id { get; }

    public KeyRange Keys { get; }

    /// <summary>Gets the version of the container's range map in which this range first appeared.</summary>
    public long Generation { get; }

    /// <summary>Gets the ids of the ranges that this one was split or merged from, parents before their children, and then the id of this range.</summary>
    public IReadOnlyList<string> Ancestry { get; }

    public ChangeLog Log { get; } = new();

    public ExpiryQueue Expiries { get; } = new();

    /// <summary>Gets the expired documents whose deletions are not in the log yet.</summary>
    public PendingDeletions Pending { get; } = new();

    /// <summary>Gets a value that indicates whether the range was split or merged, and replaced by its children.</summary>
    public bool IsGone => _isGone;

    public RangePosition Position => _position;

    public long NextLsn => _position.Lsn + 1;

    /// <summary>
    /// Appends a change to the log and advances the position. The caller holds <see cref="Gate"/> and has already changed the documents.
    /// A reader reads the position first and the document second, so the document is never older than the position that the reader reports.
    /// </summary>
    public void Commit(Change change)
    {
        Log.Append(change);
        _position = new RangePosition(Id, change.Lsn);
    }

    /// <summary>Creates the two halves, which continue the log of this range. The caller holds <see cref="Gate"/>.</summary>
    public (PhysicalRange Lower, PhysicalRange Upper) Split(string lowerId, string upperId, long generation)
    {
        var (lower, upper) = Keys.Halve();
        return (new PhysicalRange(lowerId, lower, generation, this), new PhysicalRange(upperId, upper, generation, this));
    }

    /// <summary>Creates the range that replaces two adjacent ones. The caller holds the gates of both.</summary>
    public static PhysicalRange Merge(string id, long generation, PhysicalRange lower, PhysicalRange upper) => new(id, generation, lower, upper);

    public void MarkGone() => _isGone = true;
}
