using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Numerics;
using System.Text;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.SharedTier;

/// <summary>
/// The binary format of a <see cref="FeedSnapshot"/>: a version, a checksum (XxHash128) of everything after it, and the fields, compressed with Brotli.
/// LSNs are variable-length differences from the one at which coverage began, because they are close to it.
/// </summary>
internal static class FeedSnapshotFormat
{
    /// <summary>The maximum length of a value, in bytes: that of an entry, less what sealing adds.</summary>
    public const int MaxBytes = SharedEntryFormat.MaxBytes - 100;

    /// <summary>
    /// The version of the format, of the hash of keys and of the order of elements (<see cref="LsnSketches"/>). It is also part of the tier key.
    /// </summary>
    public const byte Version = 1;

    private const int ChecksumAt = 1;
    private const int LengthAt = ChecksumAt + 16;
    private const int FieldsAt = LengthAt + sizeof(int);

    /// <summary>The maximum length of the fields before compression, so that a small value cannot expand to all of the memory.</summary>
    private const int MaxFieldBytes = 32 << 20;

    /// <summary>The quality of Brotli at which 40 ranges with 8,192 elements each take about 50 ms.</summary>
    private const int Quality = 4;

    /// <summary>Returns the value of a snapshot.</summary>
    /// <remarks>
    /// If it would be too long, it has fewer elements for each range: an element that stands for more keys has the highest LSN of all of them. That can only
    /// cause entries to be refused.
    /// </remarks>
    public static byte[]? Write(FeedSnapshot snapshot)
    {
        for (var most = LsnSketches.MaxElements; most > 0; most /= 2)
        {
            if (WriteWith(snapshot, most) is { } value)
                return value;
        }

        return null;
    }

    /// <summary>Reads a value. It never throws, whatever the value is.</summary>
    /// <returns>The snapshot, or <see langword="null"/> if the value is not a snapshot of the source.</returns>
    public static FeedSnapshot? TryRead(ReadOnlySpan<byte> value, string source)
    {
        if (value.Length is <= FieldsAt or > MaxBytes || value[0] != Version)
            return null;

        Span<byte> checksum = stackalloc byte[LengthAt - ChecksumAt];
        XxHash128.Hash(value[LengthAt..], checksum);
        if (!checksum.SequenceEqual(value[ChecksumAt..LengthAt]) || BinaryPrimitives.ReadInt32LittleEndian(value[LengthAt..]) is not (> 0 and <= MaxFieldBytes and var length))
            return null;

        var fields = new byte[length];
        if (!BrotliDecoder.TryDecompress(value[FieldsAt..], fields, out var written) || written != length)
            return null;

        try
        {
            using var reader = new BinaryReader(new MemoryStream(fields, writable: false), Encoding.UTF8);
            return Read(reader, source);
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            return null; // written with a checksum, but not by this program
        }
    }

    /// <summary>Combines elements until there are at most as many as given.</summary>
    internal static IReadOnlyList<long> Fold(IReadOnlyList<long> lsns, int most)
    {
        while (lsns.Count > most)
        {
            var half = new long[lsns.Count / 2];
            for (var i = 0; i < lsns.Count; i++)
                half[i & (half.Length - 1)] = Math.Max(half[i & (half.Length - 1)], lsns[i]);
            lsns = half;
        }

        return lsns;
    }

    private static byte[]? WriteWith(FeedSnapshot snapshot, int most)
    {
        using var fields = new MemoryStream();
        using (var writer = new BinaryWriter(fields, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(snapshot.Source);
            writer.Write7BitEncodedInt(snapshot.Ranges.Count);
            foreach (var range in snapshot.Ranges)
                Write(writer, range, Fold(range.Lsns, most));
        }

        var value = new byte[MaxBytes];
        if (fields.Length > MaxFieldBytes
            || !BrotliEncoder.TryCompress(fields.GetBuffer().AsSpan(0, (int)fields.Length), value.AsSpan(FieldsAt), out var written, Quality, window: 22))
        {
            return null;
        }

        value[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(LengthAt), (int)fields.Length);
        XxHash128.Hash(value.AsSpan(LengthAt, sizeof(int) + written), value.AsSpan(ChecksumAt));
        return value[..(FieldsAt + written)];
    }

    private static void Write(BinaryWriter writer, RangeSnapshot range, IReadOnlyList<long> lsns)
    {
        writer.Write(range.Range);
        writer.Write(range.Token);
        writer.Write(range.PartitionId);
        writer.Write(range.PartitionVersion);
        writer.Write(range.Lsn);
        writer.Write(range.CoveredFrom);
        writer.Write(range.ConfirmedAt.Ticks);
        writer.Write7BitEncodedInt(lsns.Count);
        foreach (var lsn in lsns)
            writer.Write7BitEncodedInt64(lsn == 0 ? 0 : ZigZag(lsn - range.CoveredFrom) + 1);
    }

    private static FeedSnapshot? Read(BinaryReader reader, string source)
    {
        if (reader.ReadString() != source)
            return null;

        var count = reader.Read7BitEncodedInt();
        if (count is < 0 or > LsnSketches.MaxPartitions)
            return null;

        var ranges = new RangeSnapshot[count];
        for (var i = 0; i < count; i++)
        {
            if (ReadRange(reader) is not { } range)
                return null;
            ranges[i] = range;
        }

        return reader.Read() < 0 ? new FeedSnapshot(source, ranges) : null;
    }

    private static RangeSnapshot? ReadRange(BinaryReader reader)
    {
        var (range, token, partition) = (reader.ReadString(), reader.ReadString(), reader.ReadString());
        var (version, lsn, coveredFrom, confirmedAt) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        var elements = reader.Read7BitEncodedInt();
        var isValid = token.Length > 0
            && lsn > 0
            && coveredFrom > 0
            && confirmedAt >= 0 && confirmedAt <= DateTime.MaxValue.Ticks
            && elements is > 0 and <= LsnSketches.MaxElements && BitOperations.IsPow2(elements);
        if (!isValid)
            return null;

        var lsns = new long[elements];
        for (var i = 0; i < elements; i++)
        {
            var written = reader.Read7BitEncodedInt64();
            lsns[i] = written == 0 ? 0 : UnZigZag(written - 1) + coveredFrom;
            if (lsns[i] < 0)
                return null;
        }

        return new RangeSnapshot(range, token, partition, version, lsn, coveredFrom, lsns, new DateTime(confirmedAt, DateTimeKind.Utc));
    }

    private static long ZigZag(long value) => (value << 1) ^ (value >> 63);

    private static long UnZigZag(long value) => (long)((ulong)value >> 1) ^ -(value & 1);
}
