using Lookup.Domain.Feed;

namespace Lookup.Simulation.Scale;

/// <summary>The settings of one run of the fleet model. Times are in seconds.</summary>
internal sealed record FleetSettings
{
    public int Instances { get; init; } = 1000;

    public int Ranges { get; init; } = 50;

    /// <summary>Gets the lookups per second of the whole fleet. Each goes to a random instance.</summary>
    public double LookupRate { get; init; } = 20_000;

    /// <summary>Gets the changes per second. Users that are looked up more often change more often.</summary>
    public double ChangeRate { get; init; } = 1;

    public FeedPolling Polling { get; init; }

    public double PollInterval { get; init; } = 1;

    public double IdleAfter { get; init; } = 30;

    /// <summary>Gets the staleness bound: 5 s or three poll intervals, whichever is longer.</summary>
    public double MaxStaleness => Math.Max(5, 3 * PollInterval);

    /// <summary>Gets the time until the feed returns a change. This is an assumption.</summary>
    public double FeedDelay { get; init; } = 0.1;

    /// <summary>Gets the cost of a point read, in request units.</summary>
    public double ReadCharge { get; init; } = 1;

    /// <summary>
    /// Gets the cost of a poll, in request units. This is an assumption, because the cost of a poll without changes is not documented.
    /// </summary>
    public double PollCharge { get; init; } = 1;

    /// <summary>Gets the simulated time.</summary>
    public double Duration { get; init; } = 180;
}
