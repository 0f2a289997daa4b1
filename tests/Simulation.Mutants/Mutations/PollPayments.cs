using Lookup.Simulation.Mutants;

namespace Lookup.Domain.Feed;

internal sealed partial class PollPayments
{
    partial void OnPaying(ref bool pays) => pays |= freshness.LeftOut == Rule.PollWithoutBalance;
}
