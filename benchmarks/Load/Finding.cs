namespace Lookup.Benchmarks.Load;

/// <summary>What one scenario has shown.</summary>
/// <param name="Scenario">Which.</param>
/// <param name="Knee">The highest rate that was held.</param>
/// <param name="Steps">All rates, in the order they were run.</param>
/// <param name="Recovery">After how many seconds at half the knee the service was well; null where it was not.</param>
internal sealed record Finding(Scenario Scenario, double Knee, IReadOnlyList<Step> Steps, int? Recovery)
{
    /// <summary>Past the knee at least half of what the knee gave is still answered in time, and the service is well within 5 s after.</summary>
    public bool IsHeld => Past.All(step => step.Goodput >= Knee / 2) && Recovery is <= 5;

    private IEnumerable<Step> Past => Steps.Where(step => step.Name.Contains('×', StringComparison.Ordinal));
}
