using System.Buffers.Binary;
using System.IO.Compression;

namespace Lookup.Benchmarks.HitRatio;

/// <summary>Recorded accesses: 32-bit big-endian integers, each the key of one access, in order; packed with gzip or not.</summary>
internal static class TraceFile
{
    private static ReadOnlySpan<byte> GzipMagic => [0x1f, 0x8b];

    /// <exception cref="ReplayException">There is no such file, or it is no trace.</exception>
    public static Trace Read(string path)
    {
        var bytes = Unpack(path, Load(path));
        if (bytes.Length == 0 || bytes.Length % sizeof(int) != 0)
            throw new ReplayException($"{path} holds {bytes.Length} bytes; a trace holds four for each access, and at least one access.");

        return Trace.Of(Path.GetFileName(path).Split('.')[0], Keys(bytes));
    }

    private static byte[] Load(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ReplayException($"The trace '{path}' cannot be read: {exception.Message}");
        }
    }

    private static byte[] Unpack(string path, byte[] bytes)
    {
        if (bytes.Length < sizeof(int) || !bytes.AsSpan().StartsWith(GzipMagic))
            return bytes;

        try
        {
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            using var unpacked = new MemoryStream();
            gzip.CopyTo(unpacked);

            // The last four bytes say how much was packed; a file that is cut short is unpacked without complaint.
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint))) != (uint)unpacked.Length)
                throw new InvalidDataException("it is cut short.");
            return unpacked.ToArray();
        }
        catch (InvalidDataException exception)
        {
            throw new ReplayException($"{path} begins like a gzip file and is none that can be unpacked: {exception.Message}");
        }
    }

    private static IEnumerable<int> Keys(byte[] bytes)
    {
        for (var i = 0; i < bytes.Length; i += sizeof(int))
            yield return BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(i));
    }
}
