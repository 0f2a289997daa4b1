using System.Globalization;

namespace Lookup.Emulator.Partitioning;

/// <summary>
/// The place of a partition key in the hash space, which is divided among the physical ranges: partition kind "Hash", version 2.
/// On the wire, it is written as hexadecimal digits: "" is the lowest value, and "FF" is above every hash.
/// </summary>
internal readonly record struct EffectivePartitionKey(UInt128 Value) : IComparable<EffectivePartitionKey>
{
    private const int HexDigits = 32;

    public static readonly EffectivePartitionKey Lowest = new(UInt128.Zero);

    /// <summary>
    /// The value above every hash, written "FF". Hashes are below <see cref="HashLimit"/>, because their two top bits are cleared.
    /// </summary>
    public static readonly EffectivePartitionKey AboveAll = new((UInt128)0xFF << 120);

    public static readonly EffectivePartitionKey HashLimit = new((UInt128)0x40 << 120);

    public static EffectivePartitionKey FromEncodedKey(ReadOnlySpan<byte> encodedKey)
    {
        var (first, second) = MurmurHash3.Hash(encodedKey);
        // Cosmos DB reverses the sixteen bytes of the hash. Using the second half as the upper 64 bits is equivalent.
        var reversed = new UInt128(second, first);
        return new EffectivePartitionKey(reversed & (UInt128.MaxValue >> 2));
    }

    public static bool TryParse(string text, out EffectivePartitionKey key)
    {
        key = default;
        // The SDK writes the end of a single key's range as the key's digits followed by "FF", which is just above that key.
        var justAbove = text.Length > HexDigits;
        var digits = justAbove ? text[..HexDigits] : text.PadRight(HexDigits, '0');
        if (!UInt128.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) return false;
        key = new EffectivePartitionKey(justAbove ? value + 1 : value);
        return true;
    }

    public static bool operator <(EffectivePartitionKey left, EffectivePartitionKey right) => left.Value < right.Value;

    public static bool operator >(EffectivePartitionKey left, EffectivePartitionKey right) => left.Value > right.Value;

    public static bool operator <=(EffectivePartitionKey left, EffectivePartitionKey right) => left.Value <= right.Value;

    public static bool operator >=(EffectivePartitionKey left, EffectivePartitionKey right) => left.Value >= right.Value;

    public int CompareTo(EffectivePartitionKey other) => Value.CompareTo(other.Value);

    public override string ToString() =>
        this == Lowest ? "" : this == AboveAll ? "FF" : Value.ToString("X32", CultureInfo.InvariantCulture);
}
