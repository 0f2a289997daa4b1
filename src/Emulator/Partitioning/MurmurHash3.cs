using System.Buffers.Binary;
using System.Numerics;

namespace Lookup.Emulator.Partitioning;

/// <summary>The MurmurHash3 hash function, in its 128-bit variant for x64 with seed 0 (Austin Appleby, public domain).</summary>
/// <remarks>The service has an implementation of its own, so that tests against this endpoint would show an error in either.</remarks>
internal static class MurmurHash3
{
    private const ulong C1 = 0x87c37b91114253d5;
    private const ulong C2 = 0x4cf5ad432745937f;
    private const int BlockLength = 16;

    /// <summary>Returns the two halves of the hash, in the order in which the reference implementation writes them.</summary>
    public static (ulong First, ulong Second) Hash(ReadOnlySpan<byte> data)
    {
        ulong first = 0, second = 0;
        var rest = data;
        for (; rest.Length >= BlockLength; rest = rest[BlockLength..])
        {
            first ^= Scramble(BinaryPrimitives.ReadUInt64LittleEndian(rest), C1, 31, C2);
            first = (BitOperations.RotateLeft(first, 27) + second) * 5 + 0x52dce729;
            second ^= Scramble(BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]), C2, 33, C1);
            second = (BitOperations.RotateLeft(second, 31) + first) * 5 + 0x38495ab5;
        }

        if (rest.Length > 8) second ^= Scramble(LittleEndian(rest[8..]), C2, 33, C1);
        if (rest.Length > 0) first ^= Scramble(LittleEndian(rest[..Math.Min(8, rest.Length)]), C1, 31, C2);

        first ^= (ulong)data.Length;
        second ^= (ulong)data.Length;
        first += second;
        second += first;
        first = Finish(first);
        second = Finish(second);
        first += second;
        second += first;
        return (first, second);
    }

    private static ulong Scramble(ulong block, ulong before, int rotation, ulong after) =>
        BitOperations.RotateLeft(block * before, rotation) * after;

    private static ulong LittleEndian(ReadOnlySpan<byte> tail)
    {
        ulong value = 0;
        for (var i = tail.Length - 1; i >= 0; i--) value = value << 8 | tail[i];
        return value;
    }

    private static ulong Finish(ulong value)
    {
        value ^= value >> 33;
        value *= 0xff51afd7ed558ccd;
        value ^= value >> 33;
        value *= 0xc4ceb9fe1a85ec53;
        return value ^ value >> 33;
    }
}
