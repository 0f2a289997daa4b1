namespace Lookup.Simulation.Scale;

/// <summary>What the fleet model counted.</summary>
internal sealed class FleetResult(FleetSettings settings)
{
    public FleetSettings Settings => settings;

    public long Lookups { get; set; }

    public double Polls { get; set; }

    public long Reads { get; set; }

    public Staleness Staleness { get; } = new();

    /// <summary>The same lookups with a time to live of a minute.</summary>
    public TimeToLiveCache OfMinute { get; } = new(60);

    /// <summary>The same lookups with the same bound of staleness and no feed: a time to live of MaxStaleness.</summary>
    public TimeToLiveCache OfSameBound { get; } = new(settings.MaxStaleness);

    public double PollsPerHour => Polls * PerHour;

    /// <summary>What polls and reads cost, in request units a second.</summary>
    public double ChargePerSecond => ((Polls * settings.PollCharge) + (Reads * settings.ReadCharge)) / settings.Duration;

    public double NoCacheChargePerSecond => Lookups * settings.ReadCharge / settings.Duration;

    /// <summary>The part of the reads that a service without a cache would send and this one does not.</summary>
    public double ReadsSaved => 1 - ((double)Reads / Lookups);

    /// <summary>What another cache's reads cost, in request units a second.</summary>
    public double ChargePerSecondOf(TimeToLiveCache cache) => cache.Reads * settings.ReadCharge / settings.Duration;

    public double ReadsSavedBy(TimeToLiveCache cache) => 1 - ((double)cache.Reads / Lookups);

    private double PerHour => 3600 / settings.Duration;
}
