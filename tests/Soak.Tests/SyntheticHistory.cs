using Lookup.Soak.Checking;
using Lookup.Soak.Load;

namespace Lookup.Soak.Tests;

/// <summary>The base class of tests with synthetic histories of one user. Times are in seconds. The staleness bound is 3 s.</summary>
public abstract class SyntheticHistory
{
    private protected const int User = 0;
    private protected const long Second = TimeSpan.TicksPerSecond;

    private readonly Population _users = new(4, findable: 2, still: 0);

    private protected LagLog Lags { get; } = new();

    private protected List<Violation> Violations { get; } = [];

    private protected InstanceLife Life { get; } = new(0, 1, 4);

    private protected UserHistory History => _users.Histories[User];

    private protected void Write(params double[] times)
    {
        foreach (var time in times)
            History.Acknowledge(History.Send(Ticks(time) - 1, isAbsent: false, address: 1), Ticks(time));
    }

    private protected void Delete(double time) => History.Acknowledge(History.Send(Ticks(time) - 1, isAbsent: true, address: -1), Ticks(time));

    private protected Checker See(
        int version,
        double began,
        int delivered = 0,
        double? evicted = null,
        double? unseen = null,
        Directives? directives = null,
        bool stale = false,
        bool insteadOfError = false)
    {
        var checker = CheckerOf(unseen);
        checker.Check(Seen(version, began) with
        {
            DeliveredBefore = delivered,
            EvictedBefore = evicted is { } at ? Ticks(at) : long.MinValue,
            Directives = directives ?? Directives.None,
            IsStale = stale,
            IsInsteadOfError = insteadOfError,
        });
        return checker;
    }

    private protected Checker CheckerOf(double? unseen) => new(
        _users, [new Promises(TimeSpan.FromSeconds(3), unseen is { } time ? TimeSpan.FromSeconds(time) : null)], Lags, Violations.Add);

    private protected Observation Seen(int version, double began) => new()
    {
        Life = Life,
        User = User,
        Version = version,
        Directives = Directives.None,
        Began = Ticks(began),
        Ended = Ticks(began) + TimeSpan.TicksPerMillisecond,
        DeliveredBefore = 0,
        EvictedBefore = long.MinValue,
        IsStale = false,
        IsInsteadOfError = false,
    };

    private static long Ticks(double seconds) => (long)(seconds * Second);
}
