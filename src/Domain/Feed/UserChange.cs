using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Feed;

/// <summary>One change of one user, as returned by the change feed.</summary>
/// <param name="Key">The user that changed.</param>
/// <param name="Lsn">The log sequence number of the change (<c>_lsn</c>), or 0 if the feed did not return one.</param>
/// <param name="AlternateKeys">
/// The values of the configured alternate keys after the change. Empty for a delete, which has no document.
/// </param>
public readonly record struct UserChange(UserKey Key, long Lsn, IReadOnlyList<AlternateKey> AlternateKeys)
{
    /// <summary>
    /// Gets the partition to whose log the change belongs, or <see langword="null"/> if it is not known. The log sequence number then proves
    /// nothing.
    /// </summary>
    public LogPartition? Partition { get; init; }

    /// <summary>
    /// Gets the function that parses the user after the change, or <see langword="null"/> for a delete or if the change does not contain the
    /// document. It returns <see langword="null"/> if the document cannot be parsed.
    /// </summary>
    public Func<UserDocument?>? Document { get; init; }

    /// <summary>Gets the place of the change in the store's log, or nothing if a part of it is not known.</summary>
    public LogPosition Position => Partition is not null && Lsn > 0 ? new LogPosition(Partition, Lsn) : default;

    /// <summary>Returns the change with the partition of its page.</summary>
    /// <param name="page">The position that the replica that returned the page had reached, or nothing if it is not known.</param>
    /// <remarks>
    /// An LSN that the replica had not reached cannot be that of the change. It must not be kept: reads would seem behind until the partition
    /// reaches it, which may never happen. The change is then one of unknown place at or before that position, and only evicts.
    /// </remarks>
    public UserChange At(LogPosition page) => page.Partition is null || Lsn <= page.Lsn
        ? this with { Partition = page.Partition }
        : this with { Partition = page.Partition, Lsn = page.Lsn, Document = null };
}
