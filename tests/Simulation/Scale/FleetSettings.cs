namespace Lookup.Simulation.Scale;

/// <summary>What one run of the fleet model is made of. Times are seconds.</summary>
internal sealed record FleetSettings
{
    public int Instances { get; init; } = 1000;

    public int Ranges { get; init; } = 50;

    /// <summary>Lookups of the whole fleet in a second; each goes to an instance by chance.</summary>
    public double LookupRate { get; init; } = 20_000;

    /// <summary>Changes in a second; who is looked up more changes more.</summary>
    public double ChangeRate { get; init; } = 1;

    public double PollInterval { get; init; } = 1;

    public double IdleAfter { get; init; } = 30;

    /// <summary>As configured: 5 s, or three polls where that is more.</summary>
    public double MaxStaleness => Math.Max(5, 3 * PollInterval);

    /// <summary>After how long the feed shows a change. Assumed.</summary>
    public double FeedDelay { get; init; } = 0.1;

    /// <summary>What a point read costs, in request units.</summary>
    public double ReadCharge { get; init; } = 1;

    /// <summary>What a poll costs, in request units. Not documented for one that finds nothing: assumed.</summary>
    public double PollCharge { get; init; } = 1;

    /// <summary>For how long the fleet is watched.</summary>
    public double Duration { get; init; } = 180;
}
