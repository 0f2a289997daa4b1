using Lookup.Domain.SharedTier;

namespace Lookup.Simulation.Mutants;

/// <summary>A mutant with wrong options of the shared tier.</summary>
/// <remarks>
/// <c>TierOfAnyLog</c>: instances of different containers share entries. <c>TierOfAnyShape</c>: so do instances with different document shapes.
/// </remarks>
internal sealed class TierMutant(string name, Func<SharedTierOptions, SharedTierOptions> options) : Mutant(name)
{
    public override SharedTierOptions Tier(SharedTierOptions given) => options(given);
}
