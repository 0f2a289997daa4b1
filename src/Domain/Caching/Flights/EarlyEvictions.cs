using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching.Flights;

/// <summary>
/// The users and hints that the feed evicted although they would still be fresh without it. If one of them is requested, its read is a cost of
/// following the feed.
/// </summary>
/// <remarks>
/// An array of fixed size, in which the hash of a key selects an element. Keys that share an element replace each other, so that a few of these
/// reads are not counted. Thread-safe.
/// </remarks>
internal sealed class EarlyEvictions
{
    private const int Elements = 4096;
    private const long TagMask = 0xffff; // 6.6 ms in ticks

    private readonly long[] _freshUntil = new long[Elements]; // with a part of the hash in the lowest bits
    private readonly RangeAccount?[] _accounts = new RangeAccount?[Elements];

    /// <summary>Records that an entry was evicted.</summary>
    /// <param name="cacheKey">The key of the entry.</param>
    /// <param name="freshUntil">The time until which it would be fresh without the feed.</param>
    /// <param name="account">The account of the poll that evicted it, if there is one.</param>
    public void Add(string cacheKey, long freshUntil, RangeAccount? account)
    {
        var (index, tag) = Find(cacheKey);
        Volatile.Write(ref _accounts[index], account);
        Volatile.Write(ref _freshUntil[index], (freshUntil & ~TagMask) | tag);
    }

    /// <summary>Determines whether an entry that is read again would still be fresh without the feed, and removes the record.</summary>
    /// <param name="cacheKey">The key of the entry.</param>
    /// <param name="now">The current time.</param>
    /// <param name="account">The account of the poll that evicted it, if there is one.</param>
    public bool Remove(string cacheKey, long now, out RangeAccount? account)
    {
        var (index, tag) = Find(cacheKey);
        var freshUntil = Volatile.Read(ref _freshUntil[index]);
        account = null;
        if (freshUntil == 0 || (freshUntil & TagMask) != tag || now >= freshUntil)
            return false;

        account = Volatile.Read(ref _accounts[index]);
        return Interlocked.CompareExchange(ref _freshUntil[index], 0, freshUntil) == freshUntil;
    }

    private static (int Index, long Tag) Find(string cacheKey)
    {
        var hash = LsnSketches.HashOf(cacheKey);
        return ((int)(hash >> 32) & (Elements - 1), (long)(hash & TagMask));
    }
}
