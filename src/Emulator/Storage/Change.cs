namespace Lookup.Emulator.Storage;

/// <summary>One entry of a physical range's log.</summary>
/// <param name="Document">The version that was written; for a deletion, the version that was deleted.</param>
/// <param name="Previous">The version before this change, if there was one.</param>
/// <param name="TimeToLiveExpired">The deletion was the doing of time alone.</param>
internal sealed record Change(
    long Lsn,
    ChangeKind Kind,
    Document Document,
    Document? Previous,
    DateTimeOffset CommittedAt,
    bool TimeToLiveExpired = false)
{
    /// <summary>Whether this is still the latest word on its document.</summary>
    public bool IsLatestVersion => Kind != ChangeKind.Delete && Document.IsCurrent;
}

internal enum ChangeKind
{
    Create,
    Replace,
    Delete,
}
