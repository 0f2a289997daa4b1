using Lookup.Domain.Feed;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.Mutants;

/// <summary>A mutant of the protocol: a variant without one of its rules. The simulation must detect the difference.</summary>
internal abstract class Mutant(string name) : Variant
{
    /// <summary>Gets every mutant, by the part of an instance that it replaces.</summary>
    public static IReadOnlyList<Mutant> All { get; } =
    [
        .. Enum.GetValues<Rule>().Where(rule => rule != Rule.None).Select(rule => new RuleMutant(rule)),
        new SettingsMutant("MonotonicClockOnly", clocks: time => new MonotonicTime(time)),
        new SettingsMutant("IgnoreUnseenDeletes", options: options => options with { MaxUnseenDelete = null }),
        new SettingsMutant("UnboundedLsns", budget: budget => budget with { LsnElements = 1 << 20 }),
        new SettingsMutant("PollWithoutSavings", following: options => options with { Polling = FeedPolling.Steady }),
        new SettingsMutant("EndOfOnePart", readsSplitRangesAsOne: true),
        new StoreMutant("CacheSessionNotAvailable", hidesLag: true, hidesLsns: false),
        new StoreMutant("NoKnownLsns", hidesLag: false, hidesLsns: true),
        new StoreMutant("IgnoreTimeToLive", hidesEnds: true),
        new SinkMutant("KeepHints"),
        new FeedMutant("SkipUnreadable", watch => watch.HidesUnreadable = true),
        new FeedMutant("ConfirmBeforeApply", watch => watch.ConfirmsEveryPage = true),
        new FeedMutant("ConfirmAtReceipt", watch => watch.ConfirmsAsOfReceipt = true),
        new FeedMutant("ArmBeforeEnd", watch => watch.ConfirmsAppliedPages = true),
        new FeedMutant("ConfirmByOneRange", watch => watch.ConfirmsAllRanges = true),
        new FeedMutant("PollsCostNothing", watch => watch.HidesCharges = true),
    ];

    public override string? Name => name;
}
