using System.Buffers.Binary;
using System.IO.Compression;

namespace Lookup.Support;

/// <summary>A sequence of accesses, with keys numbered from 0 in order of appearance.</summary>
/// <param name="Name">The name of the trace in tables.</param>
/// <param name="Accesses">The key of each access.</param>
/// <param name="Keys">The number of keys.</param>
public sealed record AccessTrace(string Name, int[] Accesses, int Keys)
{
    private static ReadOnlySpan<byte> GzipMagic => [0x1f, 0x8b];

    /// <summary>Numbers the keys of accesses.</summary>
    public static AccessTrace Of(string name, IEnumerable<int> keys)
    {
        var numbers = new Dictionary<int, int>();
        var accesses = new List<int>();
        foreach (var key in keys)
        {
            if (!numbers.TryGetValue(key, out var number))
                numbers.Add(key, number = numbers.Count);
            accesses.Add(number);
        }

        return new AccessTrace(name, [.. accesses], numbers.Count);
    }

    /// <summary>Reads a recorded trace: 32-bit big-endian integers, each the key of one access, in order; compressed with gzip or not.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is not a trace.</exception>
    public static AccessTrace Read(string path)
    {
        var bytes = Decompress(path, File.ReadAllBytes(path));
        if (bytes.Length == 0 || bytes.Length % sizeof(int) != 0)
            throw new InvalidDataException($"{path} contains {bytes.Length} bytes; a trace contains four for each access, and at least one access.");

        return Of(Path.GetFileName(path).Split('.')[0], KeysIn(bytes));
    }

    private static byte[] Decompress(string path, byte[] bytes)
    {
        if (bytes.Length < sizeof(int) || !bytes.AsSpan().StartsWith(GzipMagic))
            return bytes;

        try
        {
            using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            using var decompressed = new MemoryStream();
            gzip.CopyTo(decompressed);

            // The last four bytes are the length of the original; a truncated file is decompressed without an error.
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - sizeof(uint))) != (uint)decompressed.Length)
                throw new InvalidDataException("the file is truncated.");
            return decompressed.ToArray();
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"{path} begins like a gzip file but cannot be decompressed: {exception.Message}");
        }
    }

    private static IEnumerable<int> KeysIn(byte[] bytes)
    {
        for (var i = 0; i < bytes.Length; i += sizeof(int))
            yield return BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(i));
    }
}
