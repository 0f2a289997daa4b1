using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching.Entries;

/// <summary>
/// The three kinds of cache entries: a <see cref="UserDocument"/>, the fact that a user does not exist, and the hint for an alternate key.
/// </summary>
internal static class CacheEntries
{
    /// <summary>
    /// The measured memory of an entry in addition to its payload (docs/benchmarks.md): the cache's own entry, node and bucket (165 bytes),
    /// the document (88), and the headers of the body (24) and of the id and entity tag strings (22 each, plus padding).
    /// </summary>
    private const int Overhead = 336;

    /// <summary>The memory of a user in a hint in addition to its key: the place in the list, and the header of the string.</summary>
    private const int BytesPerHintedKey = 72;

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

        /// <summary>Returns the memory that the entry takes together with its key, in bytes.</summary>
        public long SizeWith(string cacheKey)
        {
            long size = Overhead + (2 * cacheKey.Length);
            foreach (var user in entry.Hint ?? [])
                size += BytesPerHintedKey + user.Size;
            if (entry is not UserDocument document)
                return size;

            size += document.Body.Length + (2 * document.ETag.Length);
            foreach (var key in document.AlternateKeys)
                size += 32 + (2 * key.Value.Length);
            return size;
        }
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

    private sealed class NoUserEntry(EntryStamp stamp) : StampedEntry(stamp);

    private sealed class HintEntry(IReadOnlyList<UserKey> users, bool isTruncated, EntryStamp stamp) : StampedEntry(stamp)
    {
        public IReadOnlyList<UserKey> Users { get; } = users;

        public bool IsTruncated { get; } = isTruncated;
    }
}
