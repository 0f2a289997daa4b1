using Lookup.Simulation.Engine;

namespace Lookup.Simulation.World;

/// <summary>Whether anything may go wrong now.</summary>
internal sealed class Faults(Scheduler scheduler)
{
    public Scheduler Scheduler => scheduler;

    /// <summary>Faults happen; from some time on they do not, and all must come right.</summary>
    public bool AreOn { get; set; } = true;

    /// <summary>Until when the change feed is down.</summary>
    public long FeedDownUntil { get; set; }
}
