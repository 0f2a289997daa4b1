using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching.Entries;

/// <summary>
/// What memory holds for one key, and when that was surely so: a <see cref="UserDocument"/>, or inside this project that there is no such
/// user, or the hint for an alternate key.
/// </summary>
/// <remarks>Immutable but for the note of its last use: a revalidation makes a new one.</remarks>
public abstract class CacheEntry
{
    /// <summary>
    /// What an entry takes besides its payload, as measured (docs/benchmarks.md): the cache's own entry, node and bucket (165), the
    /// document (72), and what comes before the bytes of the body (24) and the characters of id and entity tag (22 each, and what
    /// rounds them up).
    /// </summary>
    private const int Overhead = 320;

    private const int BytesPerHintedKey = 120;

    /// <summary>As a power of two of ticks, 0.1 s: uses are told apart by no less, so that cores seldom write what others read.</summary>
    private const int UseStep = 20;

    private readonly FeedEpoch? _epoch;
    private uint _lastUsed;

    private protected CacheEntry(long readStartedAt, FeedEpoch? epoch)
    {
        ReadStartedAt = readStartedAt;
        _epoch = epoch;
        _lastUsed = (uint)(readStartedAt >> UseStep);
    }

    /// <summary>The user; <see langword="null"/> where there is none, and in a hint.</summary>
    internal UserDocument? Document => this as UserDocument;

    /// <summary>The users that had an alternate key, where that is what the entry is about.</summary>
    internal IReadOnlyList<UserKey>? Hint => (this as HintEntry)?.Users;

    /// <summary>When the read was sent that this entry came from.</summary>
    internal long ReadStartedAt { get; }

    /// <summary>
    /// When a lookup last found the entry, or else its read was sent, in steps of 0.1 s. For who gives way; it decides nothing about
    /// freshness.
    /// </summary>
    internal uint LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>The entry says that there is nothing: no such user, or nobody with that alternate key.</summary>
    internal bool IsNegative => this is NoUserEntry or HintEntry { Users.Count: 0 };

    /// <summary>Whether a poll of the feed can still confirm this entry.</summary>
    internal bool IsFollowed => _epoch is { IsArmed: true };

    /// <summary>The latest time of which it is known that the entry was current.</summary>
    internal long FreshAsOf => _epoch is null ? ReadStartedAt : Math.Max(ReadStartedAt, _epoch.ConfirmedAt);

    internal static CacheEntry OfUser(UserDocument? document, long readStartedAt, FeedEpoch? epoch) =>
        document is null ? new NoUserEntry(readStartedAt, epoch) : document.AsOf(readStartedAt, epoch);

    internal static CacheEntry OfHint(IReadOnlyList<UserKey> keys, long readStartedAt, FeedEpoch? epoch) =>
        new HintEntry(keys, readStartedAt, epoch);

    /// <summary>Notes that a lookup has found the entry.</summary>
    internal void NoteUse(long now)
    {
        var use = (uint)(now >> UseStep);
        if (use != LastUsed)
            Volatile.Write(ref _lastUsed, use);
    }

    /// <summary>What the entry takes in memory with its key, in bytes.</summary>
    internal long SizeWith(string cacheKey)
    {
        long size = Overhead + (2 * cacheKey.Length) + (Hint?.Count ?? 0) * BytesPerHintedKey;
        if (Document is not { } document)
            return size;

        size += document.Body.Length + (2 * document.ETag.Length);
        foreach (var key in document.AlternateKeys)
            size += 32 + (2 * key.Value.Length);
        return size;
    }

    private sealed class NoUserEntry(long readStartedAt, FeedEpoch? epoch) : CacheEntry(readStartedAt, epoch);

    private sealed class HintEntry(IReadOnlyList<UserKey> users, long readStartedAt, FeedEpoch? epoch) : CacheEntry(readStartedAt, epoch)
    {
        public IReadOnlyList<UserKey> Users { get; } = users;
    }
}
