using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Feed;

namespace Lookup.Simulation.Mutants;

/// <summary>A mutant with wrong clocks, options or bounds.</summary>
/// <remarks>
/// <c>MonotonicClockOnly</c>: time stands still while the instance is suspended. <c>IgnoreUnseenDeletes</c>: in LatestVersion mode a
/// confirmed user is served permanently, even if it was deleted. <c>UnboundedLsns</c>: the known LSNs of a partition take more memory than the budget allows.
/// <c>PollWithoutSavings</c>: ranges are polled at a fixed interval, whatever that saves.
/// <c>EndOfOnePart</c>: "no more changes" is accepted for all parts of a range that has split, although only one part reported it.
/// </remarks>
internal sealed class SettingsMutant(
    string name,
    Func<TimeProvider, TimeProvider>? clocks = null,
    Func<UserCacheOptions, UserCacheOptions>? options = null,
    Func<MemoryBudget, MemoryBudget>? budget = null,
    Func<FollowerOptions, FollowerOptions>? following = null,
    bool readsSplitRangesAsOne = false) : Mutant(name)
{
    public override bool ReadsSplitRangesAsOne => readsSplitRangesAsOne;

    public override TimeProvider Clocks(TimeProvider time) => clocks?.Invoke(time) ?? time;

    public override UserCacheOptions Options(UserCacheOptions given) => options?.Invoke(given) ?? given;

    public override FollowerOptions Following(FollowerOptions given) => following?.Invoke(given) ?? given;

    public override MemoryBudget Budget(MemoryBudget given) => budget?.Invoke(given) ?? given;
}

/// <summary>A time provider whose wall clock follows the monotonic clock.</summary>
internal sealed class MonotonicTime(TimeProvider time) : TimeProvider
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly long _timestamp = time.GetTimestamp();

    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp() => time.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _startedAt + time.GetElapsedTime(_timestamp);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
