using System.Buffers.Binary;
using System.IO.Compression;

namespace Lookup.Simulation.Scale;

/// <summary>Recorded accesses: a gzip of 32-bit big-endian integers, each the key of one access, in order.</summary>
internal static class AccessTrace
{
    /// <summary>Reads a trace, its keys numbered from 0 in order of appearance.</summary>
    public static (int[] Accesses, int Keys) Read(string path)
    {
        using var file = File.OpenRead(path);
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var memory = new MemoryStream();
        gzip.CopyTo(memory);
        var bytes = memory.GetBuffer().AsSpan(0, (int)memory.Length);
        if (bytes.Length == 0 || bytes.Length % sizeof(int) != 0)
            throw new InvalidDataException($"{path} has {bytes.Length} bytes; a trace has 4 bytes for each access, and at least one access.");

        var numbers = new Dictionary<int, int>();
        var accesses = new int[bytes.Length / sizeof(int)];
        for (var i = 0; i < accesses.Length; i++)
        {
            var key = BinaryPrimitives.ReadInt32BigEndian(bytes[(i * sizeof(int))..]);
            if (!numbers.TryGetValue(key, out var number))
                numbers.Add(key, number = numbers.Count);
            accesses[i] = number;
        }

        return (accesses, numbers.Count);
    }
}
