using Lookup.Soak.Checking;

namespace Lookup.Soak;

/// <summary>How large a world is, and how much happens in it.</summary>
internal sealed record WorldPlan
{
    public int Seed { get; init; }

    public int Instances { get; init; } = 3;

    public int Users { get; init; } = 4000;

    /// <summary>Users that are found by e-mail; every query costs the endpoint a look at all users.</summary>
    public int Findable { get; init; } = 16;

    /// <summary>Users that are never changed.</summary>
    public int Still { get; init; } = 32;

    /// <summary>Responses a second that are aimed at, over all instances.</summary>
    public int Rate { get; init; } = 12_000;

    public int WritesPerSecond { get; init; } = 200;

    public TimeSpan MaxStaleness { get; init; } = TimeSpan.FromSeconds(3);

    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Of the one instance whose feed shows no deletes.</summary>
    public TimeSpan MaxUnseenDelete { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>The longest that the world may last: what it counts is kept by time.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>Settings for every instance beyond these.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; init; } = [];

    /// <summary>To see that the checks can fail: every so many responses one is taken for an older version than it has.</summary>
    public int CorruptEvery { get; init; }

    /// <summary>The last of several instances follows the feed that shows no deletes.</summary>
    public bool HidesDeletes(int instance) => Instances > 1 && instance == Instances - 1;

    public Promises PromisesOf(int instance) => new(MaxStaleness, HidesDeletes(instance) ? MaxUnseenDelete : null);
}
