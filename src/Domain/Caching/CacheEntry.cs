using Lookup.Domain.Changes;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

/// <summary>What memory holds for one key, and when that was surely so. Immutable: a revalidation makes a new one.</summary>
internal sealed class CacheEntry
{
    /// <summary>
    /// What an entry takes besides its payload, as measured (docs/benchmarks.md): the cache's own entry, node and bucket (165), this object
    /// (48), the document (64), and what comes before the bytes of the body (24) and the characters of id and entity tag (22 each, and
    /// what rounds them up).
    /// </summary>
    private const int Overhead = 360;

    private const int BytesPerHintedKey = 120;

    private readonly FeedEpoch? _epoch;

    private CacheEntry(UserDocument? document, IReadOnlyList<UserKey>? hint, long readStartedAt, FeedEpoch? epoch)
    {
        Document = document;
        Hint = hint;
        ReadStartedAt = readStartedAt;
        _epoch = epoch;
    }

    /// <summary>The user; <see langword="null"/> where there is none, and in a hint.</summary>
    public UserDocument? Document { get; }

    /// <summary>The users that had an alternate key, where that is what the entry is about.</summary>
    public IReadOnlyList<UserKey>? Hint { get; }

    /// <summary>When the read was sent that this entry came from.</summary>
    public long ReadStartedAt { get; }

    /// <summary>The entry says that there is nothing: no such user, or nobody with that alternate key.</summary>
    public bool IsNegative => Document is null && Hint is not { Count: > 0 };

    /// <summary>Whether a poll of the feed can still confirm this entry.</summary>
    public bool IsFollowed => _epoch is { IsArmed: true };

    /// <summary>The latest time of which it is known that the entry was current.</summary>
    public long FreshAsOf => _epoch is null ? ReadStartedAt : Math.Max(ReadStartedAt, _epoch.ConfirmedAt);

    public static CacheEntry OfUser(UserDocument? document, long readStartedAt, FeedEpoch? epoch) =>
        new(document, null, readStartedAt, epoch);

    public static CacheEntry OfHint(IReadOnlyList<UserKey> keys, long readStartedAt, FeedEpoch? epoch) =>
        new(null, keys, readStartedAt, epoch);

    /// <summary>What the entry takes in memory with its key, in bytes.</summary>
    public long SizeWith(string cacheKey)
    {
        long size = Overhead + (2 * cacheKey.Length) + (Hint?.Count ?? 0) * BytesPerHintedKey;
        if (Document is not { } document)
            return size;

        size += document.Body.Length + (2 * document.ETag.Length);
        foreach (var key in document.AlternateKeys)
            size += 32 + (2 * key.Value.Length);
        return size;
    }
}
