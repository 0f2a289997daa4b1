using System.Runtime.InteropServices;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Users;

/// <summary>One version of one user, as it is served. It is shared by all requests, and immutable except for when it was last used and counted.</summary>
/// <remarks>A cache can contain millions of documents, so each is a cache entry itself, without a wrapper object.</remarks>
public sealed class UserDocument : StampedEntry
{
    private const uint NoEnd = uint.MaxValue;
    private const long EndUnit = TimeSpan.TicksPerSecond / 10;

    private readonly byte[] _body; // half the size of a ReadOnlyMemory
    private readonly uint _lastModified; // seconds since 1970, in a quarter of the size of a DateTimeOffset
    private readonly uint _endsAfter; // in units of EndUnit, from ExistedAt; or NoEnd

    /// <param name="body">
    /// The user as UTF-8 JSON, without the store's own properties and the hidden fields. If it is a whole array, the array is kept;
    /// otherwise, it is copied.
    /// </param>
    /// <param name="etag">
    /// The store's entity tag of this version, including its quotes. It identifies the version and not the bytes of <paramref name="body"/>:
    /// the store can return the same version in different bytes.
    /// </param>
    /// <param name="lsn">The log sequence number (LSN) at which this version was written, or 0 if the store did not return one.</param>
    /// <param name="lastModified">The time at which this version was written, to the second, clamped to the years 1970 to 2106.</param>
    /// <param name="alternateKeys">The values of the configured alternate keys in this version.</param>
    /// <param name="timeToLive">
    /// The time after which the store no longer returns this version (an item's time to live), from the sending of the read or poll that
    /// returned it; or <see langword="null"/> if there is no such time. It is rounded down to a tenth of a second.
    /// </param>
    public UserDocument(
        ReadOnlyMemory<byte> body,
        string etag,
        long lsn,
        DateTimeOffset lastModified,
        IReadOnlyList<AlternateKey> alternateKeys,
        TimeSpan? timeToLive = null)
        : base(EntryStamp.None)
    {
        _body = MemoryMarshal.TryGetArray(body, out var array) && array.Array!.Length == body.Length ? array.Array : body.ToArray();
        ETag = etag;
        Lsn = lsn;
        _lastModified = (uint)Math.Clamp(lastModified.ToUnixTimeSeconds(), uint.MinValue, uint.MaxValue);
        AlternateKeys = alternateKeys as AlternateKey[] ?? [.. alternateKeys]; // an array has no unused capacity
        _endsAfter = timeToLive is { } left ? UnitsIn(left.Ticks) : NoEnd;
    }

    private UserDocument(UserDocument value, long lsn, EntryStamp stamp)
        : base(stamp)
    {
        _body = value._body;
        ETag = value.ETag;
        Lsn = lsn;
        _lastModified = value._lastModified;
        AlternateKeys = value.AlternateKeys;

        // A version that is not an entry yet was returned by the read or poll of the stamp. One that was confirmed ends when it did before.
        var isConfirmed = value.ExistedAt != FeedEpoch.Never && value._endsAfter != NoEnd;
        _endsAfter = isConfirmed ? UnitsIn(value.EndsAt - stamp.At) : value._endsAfter;
    }

    /// <summary>Gets the user as UTF-8 JSON, without the store's own properties and the hidden fields.</summary>
    public ReadOnlyMemory<byte> Body => _body;

    /// <summary>Gets the store's entity tag of this version, including its quotes.</summary>
    public string ETag { get; }

    /// <summary>
    /// Gets the log sequence number at which this version was written, or 0 if the store did not return one. It belongs to the partition of
    /// <see cref="StampedEntry.AsOf"/>.
    /// </summary>
    public long Lsn { get; }

    /// <summary>Gets the time at which this version was written, to the second.</summary>
    public DateTimeOffset LastModified => DateTimeOffset.FromUnixTimeSeconds(_lastModified);

    /// <summary>Gets the values of the configured alternate keys. A property that is missing or not a string is omitted.</summary>
    public IReadOnlyList<AlternateKey> AlternateKeys { get; }

    /// <summary>
    /// Gets the time from which the store no longer returns this version, even if the feed never shows that; <see cref="long.MaxValue"/> if
    /// there is no such time.
    /// </summary>
    internal long EndsAt => _endsAfter == NoEnd ? long.MaxValue : ExistedAt + (_endsAfter * EndUnit);

    /// <summary>Determines whether this version has the given alternate key.</summary>
    public bool Has(AlternateKey key)
    {
        for (var i = 0; i < AlternateKeys.Count; i++)
        {
            if (AlternateKeys[i] == key)
                return true;
        }

        return false;
    }

    /// <summary>Creates an entry of this version. The body is shared, not copied.</summary>
    /// <param name="lsn">The LSN of this version in the partition of the stamp, or 0 if it is not known.</param>
    /// <param name="stamp">Where the version comes from.</param>
    internal UserDocument Stamped(long lsn, in EntryStamp stamp) => new(this, lsn, stamp);

    /// <summary>Returns this version with a time to live from the read that returned it. It must not be an entry yet.</summary>
    internal UserDocument WithTimeToLive(TimeSpan? timeToLive) =>
        timeToLive is null ? this : new UserDocument(_body, ETag, Lsn, LastModified, AlternateKeys, timeToLive);

    /// <summary>Converts a period, rounded down. A period of more than 13 years has no end: no entry is kept for that long.</summary>
    private static uint UnitsIn(long ticks) => ticks / EndUnit >= NoEnd ? NoEnd : (uint)Math.Max(0, ticks / EndUnit);
}
