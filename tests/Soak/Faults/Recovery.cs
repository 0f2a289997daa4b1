using Lookup.Soak.Fleet;

namespace Lookup.Soak.Faults;

/// <summary>Waits until a world has recovered: every instance follows the feed, and no request fails.</summary>
internal static class Recovery
{
    private static readonly TimeSpan CoarseNow = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(0.5);

    /// <returns>The time that the recovery took, or null if the world did not recover in time.</returns>
    public static async Task<TimeSpan?> AwaitAsync(World world, long since, TimeSpan atMost, CancellationToken cancelled)
    {
        var isFollowed = await Task.WhenAll(world.Instances.Select(instance => AwaitFeedAsync(world, instance, since, atMost, cancelled)));
        if (Array.Exists(isFollowed, at => at is null))
            return null;

        while (SoakClock.Now - world.Tally.LastFailure < Quiet.Ticks)
        {
            if (SoakClock.Now - since > atMost.Ticks)
                return null;
            await Task.Delay(CoarseNow, TimeProvider.System, cancelled);
        }

        return TimeSpan.FromTicks(Math.Max(isFollowed.Max()!.Value, Math.Max(world.Tally.LastFailure, since)) - since);
    }

    private static async Task<long?> AwaitFeedAsync(World world, ServiceInstance instance, long since, TimeSpan atMost, CancellationToken cancelled)
    {
        while (SoakClock.Now - since < atMost.Ticks)
        {
            if (await instance.FeedAsync(cancelled) is { IsArmed: true, ConfirmedAge: { } age } state
                && age < world.Plan.MaxStaleness
                && state.AskedAt - age.Ticks > since - TimeSpan.TicksPerSecond)
            {
                return SoakClock.Now;
            }

            await Task.Delay(CoarseNow, TimeProvider.System, cancelled);
        }

        return null;
    }
}
