using Lookup.Simulation.Checking;

namespace Lookup.Simulation;

/// <summary>The result of a run.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Violation">The first violation, if any.</param>
/// <param name="Hash">The hash of all events, in order.</param>
/// <param name="Steps">The number of scheduled pieces of work.</param>
/// <param name="Counts">The number of occurrences of each <see cref="SimulationEvent"/>.</param>
internal sealed record RunResult(ulong Seed, Violation? Violation, ulong Hash, long Steps, IReadOnlyList<long> Counts);
