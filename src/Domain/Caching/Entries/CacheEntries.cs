using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching.Entries;

/// <summary>
/// The three kinds of cache entries: a <see cref="UserDocument"/>, the fact that a user does not exist, and the hint for an alternate key.
/// </summary>
internal static class CacheEntries
{
    // The sizes of the objects themselves, in bytes. EntrySizeTests compares them with the garbage collector.
    private const int UserBytes = 96;
    private const int HintBytes = 72;
    private const int NoUserBytes = 56;
    private const int BytesPerAlternateKey = 16; // two references
    private const int BytesPerHintedKey = 24; // three references

    extension(StampedEntry entry)
    {
        /// <summary>Gets the user, or <see langword="null"/> if the entry is a hint or there is no such user.</summary>
        public UserDocument? Document => entry as UserDocument;

        /// <summary>Gets the users that had an alternate key, or <see langword="null"/> if the entry is not a hint.</summary>
        public IReadOnlyList<UserKey>? Hint => (entry as HintEntry)?.Users;

        /// <summary>Gets a value that indicates whether the entry is a hint that may lack users, because the store ended its query early.</summary>
        public bool IsHintTruncated => entry is HintEntry { IsTruncated: true };

        /// <summary>Gets a value that indicates whether the entry is negative: no such user, or no user with that alternate key.</summary>
        public bool IsNegative => entry is NoUserEntry or HintEntry { Users.Count: 0 };

        /// <summary>Determines whether the entry is a user that the store no longer returns, because its time to live is over.</summary>
        public bool HasEnded(long now) => entry is UserDocument user && now > user.EndsAt;

        /// <summary>Gets the memory that only this entry takes, without its place in a section, in bytes.</summary>
        /// <remarks>
        /// The epoch, the partition and the paths of alternate keys are not part of it, because many entries share them. A body belongs to one
        /// entry only: the entry of the same version before a revalidation is the one that this one replaces.
        /// </remarks>
        public long Bytes => entry switch
        {
            UserDocument user => BytesOf(user),
            HintEntry hint => BytesOf(hint),
            _ => NoUserBytes,
        };
    }

    /// <summary>Creates the entry for the result of reading a user.</summary>
    /// <param name="document">The user, or <see langword="null"/> if it does not exist.</param>
    /// <param name="lsn">The LSN of the version in the partition of the stamp, or 0 if it is not known.</param>
    /// <param name="stamp">The read.</param>
    public static StampedEntry ForUser(UserDocument? document, long lsn, in EntryStamp stamp) =>
        document is null ? new NoUserEntry(stamp) : document.Stamped(lsn, stamp);

    /// <summary>Creates the entry for the result of a query by alternate key.</summary>
    /// <param name="found">The users that were found.</param>
    /// <param name="stamp">The query.</param>
    public static StampedEntry ForHint(in StoreFind found, in EntryStamp stamp) => new HintEntry(found.Keys, found.IsTruncated, stamp);

    private static long BytesOf(UserDocument user)
    {
        var bytes = UserBytes + HeapSize.OfArray(user.Body.Length, 1) + HeapSize.OfString(user.ETag.Length);
        bytes += HeapSize.OfArray(user.AlternateKeys.Count, BytesPerAlternateKey);
        for (var i = 0; i < user.AlternateKeys.Count; i++)
            bytes += HeapSize.OfString(user.AlternateKeys[i].Value.Length);
        return bytes;
    }

    private static long BytesOf(HintEntry hint)
    {
        var bytes = HintBytes + HeapSize.OfArray(hint.Users.Count, BytesPerHintedKey);
        foreach (var user in hint.Users)
        {
            bytes += HeapSize.OfString(user.CacheKey.Length);
            if (!ReferenceEquals(user.Id, user.CacheKey)) // with a partition key, the cache key is a text of its own
                bytes += HeapSize.OfString(user.Id.Length) + HeapSize.OfString(user.PartitionKey.Length);
        }

        return bytes;
    }

    private sealed class NoUserEntry(EntryStamp stamp) : StampedEntry(stamp);

    private sealed class HintEntry(IReadOnlyList<UserKey> users, bool isTruncated, EntryStamp stamp) : StampedEntry(stamp)
    {
        public IReadOnlyList<UserKey> Users { get; } = users as UserKey[] ?? [.. users]; // an array has no unused capacity

        public bool IsTruncated { get; } = isTruncated;
    }
}
