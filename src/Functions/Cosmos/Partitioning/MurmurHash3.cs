using System.Buffers.Binary;
using static System.Numerics.BitOperations;

namespace Lookup.Functions.Cosmos.Partitioning;

/// <summary>MurmurHash3 for x64 with 128 bits and seed 0, the hash function of Cosmos DB's partition keys (Austin Appleby, public domain).</summary>
internal static class MurmurHash3
{
    private const ulong A = 0x87c37b91114253d5;
    private const ulong B = 0x4cf5ad432745937f;

    /// <summary>Returns the hash. Its lower half is the one that the reference implementation writes first.</summary>
    public static UInt128 Hash(ReadOnlySpan<byte> data)
    {
        Span<byte> last = stackalloc byte[16];
        var (low, high) = (0UL, 0UL);
        var whole = data.Length & ~15;
        for (var i = 0; i < whole; i += 16)
        {
            var (one, other) = Read(data[i..]);
            low = ((RotateLeft(low ^ MixLow(one), 27) + high) * 5) + 0x52dce729;
            high = ((RotateLeft(high ^ MixHigh(other), 31) + low) * 5) + 0x38495ab5;
        }

        if (whole < data.Length)
        {
            // Missing bytes count as zero, and a word of zeros does not change the hash.
            last.Clear();
            data[whole..].CopyTo(last);
            var (one, other) = Read(last);
            low ^= MixLow(one);
            high ^= MixHigh(other);
        }

        low ^= (ulong)data.Length;
        high ^= (ulong)data.Length;
        low += high;
        high += low;
        low = Spread(low);
        high = Spread(high);
        low += high;
        high += low;
        return new UInt128(high, low);
    }

    private static (ulong One, ulong Other) Read(ReadOnlySpan<byte> block) =>
        (BinaryPrimitives.ReadUInt64LittleEndian(block), BinaryPrimitives.ReadUInt64LittleEndian(block[8..]));

    private static ulong MixLow(ulong word) => RotateLeft(word * A, 31) * B;

    private static ulong MixHigh(ulong word) => RotateLeft(word * B, 33) * A;

    private static ulong Spread(ulong word)
    {
        word = (word ^ (word >> 33)) * 0xff51afd7ed558ccd;
        word = (word ^ (word >> 33)) * 0xc4ceb9fe1a85ec53;
        return word ^ (word >> 33);
    }
}
