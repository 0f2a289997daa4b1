namespace Lookup.Benchmarks.Load;

/// <summary>The size and length of a run.</summary>
/// <param name="Users">The number of users in the store, all of which are also cached.</param>
/// <param name="Connections">The maximum number of requests in flight.</param>
/// <param name="FirstRate">The rate at which the search for the knee starts, in requests per second.</param>
/// <param name="Growth">The factor between consecutive rates.</param>
/// <param name="MostRate">The rate at which the search ends, whether or not it is held.</param>
/// <param name="StepTime">The length of each step of the search.</param>
/// <param name="OverloadTime">The length of each step at and beyond the knee, and of the step after the overload.</param>
internal sealed record RunSize(
    int Users,
    int Connections,
    double FirstRate,
    double Growth,
    double MostRate,
    TimeSpan StepTime,
    TimeSpan OverloadTime)
{
    public static readonly RunSize Full = new(10_000, 512, 2_000, 1.3, 1_000_000, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8));

    /// <summary>A short run that only verifies that everything works.</summary>
    public static readonly RunSize Smoke = new(500, 128, 500, 4, 2_000, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
}
