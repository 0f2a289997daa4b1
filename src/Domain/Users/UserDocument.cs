using System.Runtime.InteropServices;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Users;

/// <summary>One version of one user, as it is served: immutable, and shared by all who ask.</summary>
/// <remarks>A cache may hold millions of them, so memory holds nothing around them: a user in memory is the entry itself.</remarks>
public sealed class UserDocument : StampedEntry
{
    private readonly byte[] _body; // half of a ReadOnlyMemory
    private readonly uint _lastModified; // seconds since 1970: a quarter of a DateTimeOffset

    /// <param name="body">
    /// The user as UTF-8 JSON, without the store's own properties and the hidden fields. A whole array is kept, of a part a copy.
    /// </param>
    /// <param name="etag">The store's entity tag of this version, a strong validator with its quotes (RFC 9110 §8.8.3).</param>
    /// <param name="lsn">The log sequence number at which this version was written; 0 where the store did not say.</param>
    /// <param name="lastModified">When this version was written, to the second; from 1970 to 2106, or else the nearest of these.</param>
    /// <param name="alternateKeys">The values this version has for the configured alternate keys.</param>
    public UserDocument(
        ReadOnlyMemory<byte> body,
        string etag,
        long lsn,
        DateTimeOffset lastModified,
        IReadOnlyList<AlternateKey> alternateKeys)
        : base(FeedEpoch.Never, null)
    {
        _body = MemoryMarshal.TryGetArray(body, out var array) && array.Array!.Length == body.Length ? array.Array : body.ToArray();
        ETag = etag;
        Lsn = lsn;
        _lastModified = (uint)Math.Clamp(lastModified.ToUnixTimeSeconds(), uint.MinValue, uint.MaxValue);
        AlternateKeys = alternateKeys;
    }

    private UserDocument(UserDocument read, long readStartedAt, FeedEpoch? epoch)
        : base(readStartedAt, epoch)
    {
        _body = read._body;
        ETag = read.ETag;
        Lsn = read.Lsn;
        _lastModified = read._lastModified;
        AlternateKeys = read.AlternateKeys;
    }

    /// <summary>The user as UTF-8 JSON, without the store's own properties and the hidden fields.</summary>
    public ReadOnlyMemory<byte> Body => _body;

    /// <summary>The entity tag of this version, quotes included.</summary>
    public string ETag { get; }

    /// <summary>The log sequence number at which this version was written; 0 where the store did not say.</summary>
    public long Lsn { get; }

    /// <summary>When this version was written, to the second.</summary>
    public DateTimeOffset LastModified => DateTimeOffset.FromUnixTimeSeconds(_lastModified);

    /// <summary>The values this version has for the configured alternate keys; a path that is absent or no string is left out.</summary>
    public IReadOnlyList<AlternateKey> AlternateKeys { get; }

    /// <summary>Says whether this version still has the given alternate key.</summary>
    public bool Has(AlternateKey key)
    {
        for (var i = 0; i < AlternateKeys.Count; i++)
        {
            if (AlternateKeys[i] == key)
                return true;
        }

        return false;
    }

    /// <summary>The same version, as a read has shown it that was sent at the given time; it shares all that is large.</summary>
    internal UserDocument AsOf(long readStartedAt, FeedEpoch? epoch) => new(this, readStartedAt, epoch);
}
