namespace Lookup.Emulator.Storage;

/// <summary>An entry in the log of a physical range.</summary>
/// <param name="Document">The version that was written or, for a deletion, the version that was deleted.</param>
/// <param name="Previous">The version before this change, or <see langword="null"/> if there was none.</param>
/// <param name="TimeToLiveExpired"><see langword="true"/> if the document was deleted because it expired.</param>
internal sealed record Change(
    long Lsn,
    ChangeKind Kind,
    Document Document,
    Document? Previous,
    DateTimeOffset CommittedAt,
    bool TimeToLiveExpired = false)
{
    /// <summary>Gets a value that indicates whether this change wrote the current version of its document.</summary>
    public bool IsLatestVersion => Kind != ChangeKind.Delete && Document.IsCurrent;
}

internal enum ChangeKind
{
    Create,
    Replace,
    Delete,
}
