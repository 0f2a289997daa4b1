using Lookup.Simulation.Engine;

namespace Lookup.Simulation.Runs;

/// <summary>The faults of the shared tier of one run, and what its instances have in common.</summary>
internal sealed class TierPlan
{
    /// <param name="random">The source of the parameters.</param>
    /// <param name="unit">The poll interval.</param>
    /// <param name="latency">The typical time of a message in one direction.</param>
    public TierPlan(SimRandom random, long unit, long latency)
    {
        bool Sometimes(double chance = 0.4) => random.Chance(chance);

        Timeout = TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, random.Pick(latency * 2, latency * 5, unit)));
        ClockTolerance = random.LogBetween(10 * TimeSpan.TicksPerMillisecond, 20 * TimeSpan.TicksPerMillisecond + (unit / 2));

        IsInProcess = Sometimes(0.15);
        Losses = Sometimes() ? random.NextDouble() * 0.3 : 0;
        Resurrections = Sometimes(0.8) ? random.NextDouble() : 0;
        Swaps = Sometimes() ? random.NextDouble() * 0.3 : 0;
        Damages = Sometimes(0.2) ? random.NextDouble() * 0.2 : 0;
        Errors = Sometimes(0.3) ? random.NextDouble() * 0.3 : 0;
        Stalls = Sometimes(0.2) ? random.NextDouble() * 0.2 : 0;
        SlowReads = Sometimes(0.5) ? random.NextDouble() * 0.5 : 0;
        SlowWrites = Sometimes(0.5) ? random.NextDouble() : 0;
        LostWrites = Sometimes(0.3) ? random.NextDouble() * 0.3 : 0;
        Duplicates = Sometimes(0.3) ? random.NextDouble() * 0.3 : 0;
        Restarts = Sometimes(0.3) ? random.Next(3) + 1 : 0;
        Partitions = Sometimes(0.3) ? random.Next(2) + 1 : 0;

        UnnamedReads = Sometimes(0.4) ? random.NextDouble() * 0.3 : 0;
        Strangers = Sometimes(0.4) ? random.NextDouble() * 0.5 : 0;
    }

    public TimeSpan Timeout { get; }

    /// <summary>Gets the difference between the wall clocks of instances that the entries allow for, in ticks.</summary>
    public long ClockTolerance { get; }

    /// <summary>Gets a value that indicates whether the tier responds in the same step, without a network.</summary>
    public bool IsInProcess { get; }

    /// <summary>Gets the probability that a value is not found although the tier has one.</summary>
    public double Losses { get; }

    /// <summary>Gets the probability that any value is returned that was ever written under the key, instead of the current one.</summary>
    public double Resurrections { get; }

    /// <summary>Gets the probability that the value of another key is returned.</summary>
    public double Swaps { get; }

    public double Damages { get; }

    public double Errors { get; }

    public double Stalls { get; }

    public double SlowReads { get; }

    public double SlowWrites { get; }

    public double LostWrites { get; }

    /// <summary>Gets the probability that a change is applied twice, the second time later.</summary>
    public double Duplicates { get; }

    /// <summary>Gets the number of restarts, after which the tier is empty or has the values of an earlier time.</summary>
    public int Restarts { get; }

    /// <summary>Gets the number of times for which the tier is split into two primaries.</summary>
    public int Partitions { get; }

    /// <summary>Gets the probability that the response to a read names no position.</summary>
    public double UnnamedReads { get; }

    /// <summary>Gets the probability that an instance has another document shape or reads another container.</summary>
    public double Strangers { get; }

    /// <summary>
    /// Gets or sets a value that indicates whether a poll returns what its session includes, and what every replica has applied. Users that are closed to
    /// the tier are opened again by such a poll.
    /// </summary>
    public bool PollsHonorSession { get; set; }
}
