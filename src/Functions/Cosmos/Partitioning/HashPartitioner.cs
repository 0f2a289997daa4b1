using System.Globalization;
using System.Text;
using System.Text.Json;
using Lookup.Domain.Freshness;

namespace Lookup.Functions.Cosmos.Partitioning;

/// <summary>
/// The division of a container by the hash of the partition key, as Cosmos DB computes it: partition kind <c>Hash</c>, version 2.
/// </summary>
/// <remarks>
/// The SDK computes the same hash, but does not expose it. Each feed range is an interval of hashes, whose bounds are written in hexadecimal
/// digits: the lowest is "", and "FF" is above all hashes. The service may omit zeros at the end.
/// </remarks>
internal sealed class HashPartitioner : IFeedPartitioner
{
    private const int Digits = 32;
    private const int StackLimit = 512;
    private const byte Text = 0x08; // the type of the value, which is hashed with it
    private const byte End = 0xFF;

    private readonly UInt128[] _starts; // in ascending order
    private readonly int[] _ranges;

    private HashPartitioner((UInt128 Start, int Range)[] ranges)
    {
        _starts = Array.ConvertAll(ranges, range => range.Start);
        _ranges = Array.ConvertAll(ranges, range => range.Range);
    }

    /// <summary>Creates the partitioner for feed ranges.</summary>
    /// <param name="feedRanges">The ranges as the SDK writes them: <c>{"Range":{"min":"…","max":"…"}}</c>.</param>
    /// <returns>
    /// The partitioner, or <see langword="null"/> if the ranges have another format or do not divide the hashes without gaps and overlaps.
    /// </returns>
    public static HashPartitioner? TryCreate(IReadOnlyList<string> feedRanges)
    {
        var ranges = new (UInt128 Start, UInt128 End, int Range)[feedRanges.Count];
        for (var i = 0; i < ranges.Length; i++)
        {
            if (!TryParse(feedRanges[i], out var start, out var end))
                return null;
            ranges[i] = (start, end, i);
        }

        Array.Sort(ranges);
        var next = UInt128.Zero;
        foreach (var (start, end, _) in ranges)
        {
            if (start != next || end <= start)
                return null;
            next = end;
        }

        return next == AboveAll ? new HashPartitioner(Array.ConvertAll(ranges, range => (range.Start, range.Range))) : null;
    }

    public int RangeOf(string partitionKey)
    {
        if (_ranges.Length == 1)
            return _ranges[0];

        var found = Array.BinarySearch(_starts, HashOf(partitionKey));
        return _ranges[found >= 0 ? found : ~found - 1];
    }

    /// <summary>Returns the position of a partition key value among the hashes.</summary>
    internal static UInt128 HashOf(string partitionKey)
    {
        var size = Encoding.UTF8.GetMaxByteCount(partitionKey.Length) + 2;
        var buffer = size <= StackLimit ? stackalloc byte[StackLimit] : new byte[size];
        buffer[0] = Text;
        var length = 1 + Encoding.UTF8.GetBytes(partitionKey, buffer[1..]);
        buffer[length++] = End;

        // Cosmos DB reverses the bytes of the hash as the reference implementation writes them, and clears the two highest bits.
        return MurmurHash3.Hash(buffer[..length]) & (UInt128.MaxValue >> 2);
    }

    private static UInt128 AboveAll => (UInt128)0xFF << 120;

    private static bool TryParse(string feedRange, out UInt128 start, out UInt128 end)
    {
        start = end = default;
        try
        {
            using var json = JsonDocument.Parse(feedRange);
            return json.RootElement.TryGetProperty("Range", out var range)
                && TryParseBound(range, "min", out start)
                && TryParseBound(range, "max", out end);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool TryParseBound(JsonElement range, string name, out UInt128 bound)
    {
        bound = default;
        return range.TryGetProperty(name, out var value)
            && value.GetString() is { Length: <= Digits } digits
            && UInt128.TryParse(digits.PadRight(Digits, '0'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bound);
    }
}
