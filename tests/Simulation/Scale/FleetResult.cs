namespace Lookup.Simulation.Scale;

/// <summary>The result of the fleet model.</summary>
internal sealed class FleetResult(FleetSettings settings)
{
    public FleetSettings Settings => settings;

    public long Lookups { get; set; }

    public double Polls { get; set; }

    public long Reads { get; set; }

    public Staleness Staleness { get; } = new();

    /// <summary>Gets the result of the same lookups with a time to live of one minute.</summary>
    public TimeToLiveCache OfMinute { get; } = new(60);

    /// <summary>
    /// Gets the result of the same lookups with the same staleness bound but without a feed: a time to live of MaxStaleness.
    /// </summary>
    public TimeToLiveCache OfSameBound { get; } = new(settings.MaxStaleness);

    public double PollsPerHour => Polls * PerHour;

    /// <summary>Gets the cost of polls and reads, in request units per second.</summary>
    public double ChargePerSecond => ((Polls * settings.PollCharge) + (Reads * settings.ReadCharge)) / settings.Duration;

    public double NoCacheChargePerSecond => Lookups * settings.ReadCharge / settings.Duration;

    /// <summary>Gets the share of reads that are saved compared with a service without a cache.</summary>
    public double ReadsSaved => 1 - ((double)Reads / Lookups);

    /// <summary>Returns the cost of another cache's reads, in request units per second.</summary>
    public double ChargePerSecondOf(TimeToLiveCache cache) => cache.Reads * settings.ReadCharge / settings.Duration;

    public double ReadsSavedBy(TimeToLiveCache cache) => 1 - ((double)cache.Reads / Lookups);

    private double PerHour => 3600 / settings.Duration;
}
