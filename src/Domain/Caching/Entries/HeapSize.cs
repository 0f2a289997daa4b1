namespace Lookup.Domain.Caching.Entries;

/// <summary>The sizes of strings and arrays on the heap of a 64-bit runtime, in bytes.</summary>
internal static class HeapSize
{
    /// <summary>Returns the size of a string: its header, its length, its UTF-16 code units and NUL. There is one empty string for all.</summary>
    /// <param name="length">The length in UTF-16 code units.</param>
    public static long OfString(int length) => length == 0 ? 0 : Aligned(22 + (2L * length));

    /// <summary>Returns the size of an array: its header, its length and its elements. There is one empty array for all.</summary>
    /// <param name="length">The number of elements.</param>
    /// <param name="elementBytes">The size of an element, in bytes.</param>
    public static long OfArray(int length, int elementBytes) => length == 0 ? 0 : Aligned(24 + ((long)length * elementBytes));

    private static long Aligned(long bytes) => (bytes + 7) & ~7L;
}
