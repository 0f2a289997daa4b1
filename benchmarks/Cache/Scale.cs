namespace Lookup.Benchmarks.Cache;

/// <summary>The scale of the measurements: the full set, or a smoke test in which every benchmark runs once.</summary>
internal static class Scale
{
    public static bool IsSmoke { get; set; }
}
