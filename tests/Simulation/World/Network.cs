using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;

namespace Lookup.Simulation.World;

/// <summary>How long messages take.</summary>
internal sealed class Network(Plan plan, Faults faults, History history, SimRandom random)
{
    /// <summary>The time of one message one way.</summary>
    /// <param name="slowness">How often a message is slow.</param>
    /// <param name="slow">What that is counted as.</param>
    public long OneWay(double slowness, SimulationEvent slow)
    {
        if (!faults.AreOn || !random.Chance(slowness))
            return random.Between(plan.Latency / 2, plan.Latency * 2);

        history.Count(slow);
        return random.LogBetween(plan.Latency, plan.Unit * 6);
    }
}
