using Lookup.Simulation.Checking;

namespace Lookup.Simulation.Runs;

/// <summary>What came of a run.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Violation">The first promise that was broken, if any.</param>
/// <param name="Hash">Of all that happened, in order.</param>
/// <param name="Steps">Pieces of work that were scheduled.</param>
/// <param name="Counts">How often each <see cref="Happening"/> happened.</param>
internal sealed record RunResult(ulong Seed, Violation? Violation, ulong Hash, long Steps, IReadOnlyList<long> Counts);
