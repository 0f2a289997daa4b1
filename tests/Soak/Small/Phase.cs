namespace Lookup.Soak.Small;

/// <summary>A part of a run, with the loads that are put on the instance during it.</summary>
/// <param name="Name">The name for the report.</param>
/// <param name="Pressures">The loads.</param>
/// <param name="ChangesPerSecond">The target rate of changes in the store.</param>
/// <param name="Hangs">A value that indicates whether the store hangs: it does not respond to reads or polls.</param>
internal sealed record Phase(string Name, IReadOnlyList<Pressure> Pressures, int ChangesPerSecond = Phase.FewChanges, bool Hangs = false)
{
    /// <summary>The rate of changes in phases that are not about changes.</summary>
    public const int FewChanges = 20;
}

/// <summary>The results of a phase.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Took">Its length.</param>
/// <param name="Changes">The number of changes that were written.</param>
/// <param name="Hits">The latencies of hits, and of other responses to requests for cached users.</param>
/// <param name="ResidentBytes">The greatest memory of the process.</param>
/// <param name="Handles">The greatest number of handles of the process.</param>
/// <param name="Cores">The processor cores that the instance used.</param>
/// <param name="EndpointCores">The processor cores that the endpoint used. If it has none left, the run shows its limits and not those of the instance.</param>
/// <param name="Recovery">The time after the phase until the instance is ready and fails no request; null if it did not recover.</param>
internal sealed record PhaseResult(Phase Phase, TimeSpan Took, long Changes, HitProbe.ProbeLatencies Hits, long ResidentBytes, int Handles, double Cores, double EndpointCores, TimeSpan? Recovery);
