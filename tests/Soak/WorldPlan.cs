using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;

namespace Lookup.Soak;

/// <summary>The size and load of a world.</summary>
internal sealed record WorldPlan
{
    public int Seed { get; init; }

    public int Instances { get; init; } = 3;

    public int Users { get; init; } = 4000;

    /// <summary>Gets the number of users that are found by e-mail. Every query makes the endpoint scan all users.</summary>
    public int Findable { get; init; } = 16;

    /// <summary>Gets the number of users that are never changed.</summary>
    public int Still { get; init; } = 32;

    /// <summary>Gets the target rate in responses per second, over all instances.</summary>
    public int Rate { get; init; } = 12_000;

    public int WritesPerSecond { get; init; } = 200;

    public TimeSpan MaxStaleness { get; init; } = TimeSpan.FromSeconds(3);

    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Gets the bound for unseen deletes of the instance whose feed shows no deletes.</summary>
    public TimeSpan MaxUnseenDelete { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Gets the longest time that the world may run. Counters are kept by time.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>Gets additional settings for every instance; null removes one.</summary>
    public IReadOnlyList<(string Name, string? Value)> Settings { get; init; } = [];

    /// <summary>Gets the limits of every instance's process, or null if it has those of this process.</summary>
    public MachineSize? Machine { get; init; }

    /// <summary>
    /// Gets the interval, in responses, at which one response is treated as an older version than it contains. This verifies that the
    /// checks can fail.
    /// </summary>
    public int CorruptEvery { get; init; }

    /// <summary>Determines whether an instance follows the feed that shows no deletes, as the last of several instances does.</summary>
    public bool HidesDeletes(int instance) => Instances > 1 && instance == Instances - 1;

    public Promises PromisesOf(int instance) => new(MaxStaleness, HidesDeletes(instance) ? MaxUnseenDelete : null);
}
