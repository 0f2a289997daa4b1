namespace Lookup.Benchmarks.Cache;

/// <summary>How much is measured: all of it, or so little that every benchmark has run once.</summary>
internal static class Scale
{
    public static bool IsSmoke { get; set; }
}
