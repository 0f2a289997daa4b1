namespace Lookup.Benchmarks.Load;

/// <summary>How much is done.</summary>
/// <param name="Users">Users in the store, all of them in memory too.</param>
/// <param name="Connections">The most requests under way at once.</param>
/// <param name="FirstRate">Where the search for the knee begins, in requests a second.</param>
/// <param name="Growth">By how much each rate exceeds the one before.</param>
/// <param name="MostRate">Where the search ends, held or not.</param>
/// <param name="StepTime">For each rate.</param>
/// <param name="OverloadTime">For each rate past the knee, and after it.</param>
internal sealed record Effort(
    int Users,
    int Connections,
    double FirstRate,
    double Growth,
    double MostRate,
    TimeSpan StepTime,
    TimeSpan OverloadTime)
{
    public static readonly Effort Full = new(10_000, 512, 2_000, 1.3, 1_000_000, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8));

    /// <summary>Enough to see that all of it works; the figures mean little.</summary>
    public static readonly Effort Smoke = new(500, 128, 500, 4, 2_000, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
}
