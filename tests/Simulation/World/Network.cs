using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.World;

/// <summary>The times of messages.</summary>
internal sealed class Network(Plan plan, Faults faults, History history, SimRandom random)
{
    /// <summary>Returns the time of one message in one direction.</summary>
    /// <param name="slowness">The probability that a message is slow.</param>
    /// <param name="slow">The event that counts slow messages.</param>
    public long OneWay(double slowness, SimulationEvent slow)
    {
        if (!faults.AreOn || !random.Chance(slowness))
            return random.Between(plan.Latency / 2, plan.Latency * 2);

        history.Count(slow);
        return random.LogBetween(plan.Latency, plan.Unit * 6);
    }
}
