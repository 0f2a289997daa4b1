using Lookup.Domain.Changes;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

/// <summary>What memory holds for one key, and when that was surely so. Immutable but for the note of its last use: a revalidation makes a new one.</summary>
internal sealed class CacheEntry
{
    /// <summary>
    /// What an entry takes besides its payload, as measured (docs/benchmarks.md): the cache's own entry, node and bucket (165), this object
    /// (48), the document (64), and what comes before the bytes of the body (24) and the characters of id and entity tag (22 each, and
    /// what rounds them up).
    /// </summary>
    private const int Overhead = 360;

    private const int BytesPerHintedKey = 120;

    /// <summary>As a power of two of ticks, 0.1 s: uses are told apart by no less, so that cores seldom write what others read.</summary>
    private const int UseStep = 20;

    private readonly object? _content; // one field for both: a user's entry is no hint
    private readonly FeedEpoch? _epoch;
    private uint _lastUsed;

    private CacheEntry(object? content, long readStartedAt, FeedEpoch? epoch)
    {
        _content = content;
        ReadStartedAt = readStartedAt;
        _epoch = epoch;
        _lastUsed = (uint)(readStartedAt >> UseStep);
    }

    /// <summary>The user; <see langword="null"/> where there is none, and in a hint.</summary>
    public UserDocument? Document => _content as UserDocument;

    /// <summary>The users that had an alternate key, where that is what the entry is about.</summary>
    public IReadOnlyList<UserKey>? Hint => _content as IReadOnlyList<UserKey>;

    /// <summary>When a lookup last found the entry, or else its read was sent, in steps of 0.1 s. For who gives way; it decides nothing about freshness.</summary>
    public uint LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>When the read was sent that this entry came from.</summary>
    public long ReadStartedAt { get; }

    /// <summary>The entry says that there is nothing: no such user, or nobody with that alternate key.</summary>
    public bool IsNegative => _content is null or IReadOnlyList<UserKey> { Count: 0 };

    /// <summary>Whether a poll of the feed can still confirm this entry.</summary>
    public bool IsFollowed => _epoch is { IsArmed: true };

    /// <summary>The latest time of which it is known that the entry was current.</summary>
    public long FreshAsOf => _epoch is null ? ReadStartedAt : Math.Max(ReadStartedAt, _epoch.ConfirmedAt);

    public static CacheEntry OfUser(UserDocument? document, long readStartedAt, FeedEpoch? epoch) =>
        new(document, readStartedAt, epoch);

    public static CacheEntry OfHint(IReadOnlyList<UserKey> keys, long readStartedAt, FeedEpoch? epoch) =>
        new(keys, readStartedAt, epoch);

    /// <summary>Notes that a lookup has found the entry.</summary>
    public void NoteUse(long now)
    {
        var use = (uint)(now >> UseStep);
        if (use != LastUsed)
            Volatile.Write(ref _lastUsed, use);
    }

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
