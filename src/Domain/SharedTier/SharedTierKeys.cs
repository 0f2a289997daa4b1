using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Lookup.Domain.Users;

namespace Lookup.Domain.SharedTier;

/// <summary>
/// The keys of the shared tier for one log and one document shape: a prefix, a hash of the log, the shape and the format, and a hash of the
/// user's key.
/// </summary>
/// <remarks>
/// The first hash is SHA-256, cut to 128 bits, so that instances whose log, shape or format differ never share an entry. The second one can have
/// collisions; an entry names its user.
/// </remarks>
internal sealed class SharedTierKeys
{
    /// <summary>The beginning of every key in the tier.</summary>
    public const string Prefix = "lookup:";

    /// <param name="log">The identity of the container's log.</param>
    /// <param name="shape">The document shape.</param>
    public SharedTierKeys(string log, DocumentShape shape)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([SharedEntryFormat.Version]);
        Append(hash, [log]);
        Append(hash, [shape.PartitionKeyPath]);
        Append(hash, [.. shape.HiddenFields.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
        Append(hash, [.. shape.AlternateKeys.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
        Source = string.Concat(Prefix, Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16)), ":");
    }

    /// <summary>
    /// Gets the beginning of the keys, which identifies the log, the shape and the format. Each entry contains it, because a tier can return the value of
    /// another key.
    /// </summary>
    public string Source { get; }

    /// <summary>Returns the key of a user: printable ASCII characters, the same number for every user.</summary>
    public string Of(in UserKey user)
    {
        Span<byte> hash = stackalloc byte[16];
        XxHash128.Hash(MemoryMarshal.AsBytes(user.CacheKey.AsSpan()), hash);
        return string.Concat(Source, Convert.ToHexStringLower(hash));
    }

    /// <summary>Appends texts with their number and lengths, so that different lists never have the same bytes.</summary>
    private static void Append(IncrementalHash hash, string[] texts)
    {
        AppendNumber(hash, texts.Length);
        foreach (var text in texts)
        {
            var bytes = Encoding.Unicode.GetBytes(text);
            AppendNumber(hash, bytes.Length);
            hash.AppendData(bytes);
        }
    }

    private static void AppendNumber(IncrementalHash hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
