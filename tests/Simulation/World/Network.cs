using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.World;

/// <summary>How long messages take.</summary>
internal sealed class Network(Plan plan, Faults faults, Chronicle chronicle, SimRandom random)
{
    /// <summary>The time of one message one way.</summary>
    /// <param name="slowness">How often a message is slow.</param>
    /// <param name="slow">What that is counted as.</param>
    public long OneWay(double slowness, Happening slow)
    {
        if (!faults.AreOn || !random.Chance(slowness))
            return random.Between(plan.Latency / 2, plan.Latency * 2);

        chronicle.Count(slow);
        return random.LogBetween(plan.Latency, plan.Unit * 6);
    }
}
