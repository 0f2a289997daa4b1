using Lookup.Domain.Feed;

namespace Lookup.Simulation.Scale;

/// <summary>The result of the fleet model.</summary>
internal sealed class FleetResult(FleetSettings settings)
{
    public FleetSettings Settings => settings;

    public long Lookups { get; set; }

    public long Polls { get; set; }

    public long Reads { get; set; }

    public Staleness Staleness { get; } = new();

    /// <summary>Gets the result of the same lookups with a time to live of one minute.</summary>
    public TimeToLiveCache OfMinute { get; } = new(Fleet.TicksOf(60));

    /// <summary>
    /// Gets the result of the same lookups with the same staleness bound but without a feed: a time to live of MaxStaleness.
    /// </summary>
    public TimeToLiveCache OfSameBound { get; } = new(Fleet.TicksOf(settings.MaxStaleness));

    /// <summary>Gets the other caches. They do not depend on the polling, so they are part of one run only.</summary>
    public IReadOnlyList<TimeToLiveCache> Others => settings.Polling == FeedPolling.Adaptive ? [OfMinute, OfSameBound] : [];

    public double PollsPerHour => Polls * 3600 / settings.Duration;

    /// <summary>Gets the cost of polls and reads, in request units per second.</summary>
    public double ChargePerSecond => ((Polls * settings.PollCharge) + (Reads * settings.ReadCharge)) / settings.Duration;

    public double NoCacheChargePerSecond => Lookups * settings.ReadCharge / settings.Duration;

    /// <summary>Gets the share of reads that are saved compared with a service without a cache.</summary>
    public double ReadsSaved => 1 - ((double)Reads / Lookups);

    /// <summary>Returns the cost of another cache's reads, in request units per second.</summary>
    public double ChargePerSecondOf(TimeToLiveCache cache) => cache.Reads * settings.ReadCharge / settings.Duration;

    public double ReadsSavedBy(TimeToLiveCache cache) => 1 - ((double)cache.Reads / Lookups);
}
