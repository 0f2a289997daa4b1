namespace Lookup.Domain.Users;

/// <summary>One version of one user, as it is served: immutable, and shared by all who ask.</summary>
public sealed class UserDocument
{
    private readonly long _lastModifiedTicks; // half of a DateTimeOffset, in each of the users in memory

    /// <param name="body">The user as UTF-8 JSON, without the store's own properties and the hidden fields.</param>
    /// <param name="etag">The store's entity tag of this version, a strong validator with its quotes (RFC 9110 §8.8.3).</param>
    /// <param name="lsn">The log sequence number at which this version was written; 0 where the store did not say.</param>
    /// <param name="lastModified">When this version was written, to the second.</param>
    /// <param name="alternateKeys">The values this version has for the configured alternate keys.</param>
    public UserDocument(
        ReadOnlyMemory<byte> body,
        string etag,
        long lsn,
        DateTimeOffset lastModified,
        IReadOnlyList<AlternateKey> alternateKeys)
    {
        Body = body;
        ETag = etag;
        Lsn = lsn;
        _lastModifiedTicks = lastModified.UtcTicks;
        AlternateKeys = alternateKeys;
    }

    /// <summary>The user as UTF-8 JSON, without the store's own properties and the hidden fields.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The entity tag of this version, quotes included.</summary>
    public string ETag { get; }

    /// <summary>The log sequence number at which this version was written; 0 where the store did not say.</summary>
    public long Lsn { get; }

    /// <summary>When this version was written, to the second.</summary>
    public DateTimeOffset LastModified => new(_lastModifiedTicks, TimeSpan.Zero);

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
}
