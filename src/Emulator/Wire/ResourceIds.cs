using System.Buffers.Binary;

namespace Lookup.Emulator.Wire;

/// <summary>
/// The resource ids (<c>_rid</c>): nested binary ids in base64. The SDK derives the parent of a resource from its id, so the lengths
/// (4, 8 and 16 bytes) and the marker bits matter.
/// </summary>
internal static class ResourceIds
{
    private const int DatabaseLength = 4;
    private const int ContainerLength = 8;
    private const int ItemLength = 16;
    private const byte RangeMarker = 0x50;

    public static string ForDatabase(uint number)
    {
        Span<byte> id = stackalloc byte[DatabaseLength];
        BinaryPrimitives.WriteUInt32BigEndian(id, number << 8 | 1);
        return Encode(id);
    }

    public static string ForContainer(string database, uint number)
    {
        Span<byte> id = stackalloc byte[ContainerLength];
        Decode(database, id);
        BinaryPrimitives.WriteUInt32BigEndian(id[DatabaseLength..], number | 0x80000000);
        return Encode(id);
    }

    public static string ForDocument(string container, ulong number) => ForItem(container, number, marker: 0);

    public static string ForRange(string container, ulong number) => ForItem(container, number, RangeMarker);

    private static string ForItem(string container, ulong number, byte marker)
    {
        Span<byte> id = stackalloc byte[ItemLength];
        Decode(container, id);
        BinaryPrimitives.WriteUInt64LittleEndian(id[ContainerLength..], number);
        id[^1] = marker;
        return Encode(id);
    }

    private static string Encode(ReadOnlySpan<byte> id) => Convert.ToBase64String(id).Replace('/', '-');

    private static void Decode(string text, Span<byte> id) => Convert.TryFromBase64String(text.Replace('-', '/'), id, out _);
}
