using Lookup.Simulation.Engine;

namespace Lookup.Simulation.Runs;

/// <summary>The schedule of the lookups, writes and faults of a run, some of them evenly distributed and some in bursts.</summary>
internal sealed class Script(Plan plan, Scheduler scheduler, SimRandom random, Run run)
{
    private readonly long[] _bursts = [.. Enumerable.Range(0, plan.Bursts).Select(_ => random.Between(0, plan.Horizon))];

    public void Schedule()
    {
        run.StartInstance(0);
        for (var i = 1; i < plan.Instances; i++)
        {
            var slot = i;
            scheduler.At(random.Between(0, plan.Horizon / 4), () => run.StartInstance(slot));
        }

        Repeat(plan.Lookups, () =>
        {
            var slot = Slot();
            return () => run.Send(slot);
        });
        Repeat(plan.Writes, () => run.Write);
        Repeat(plan.Administration, () =>
        {
            var slot = Slot();
            return () => run.Administer(slot);
        });
        Repeat(plan.Splits, () => run.Split);
        Repeat(plan.FeedOutages, () =>
        {
            var duration = random.LogBetween(plan.Unit / 2, plan.Horizon / 2);
            return () => run.StopFeed(duration);
        });
        Repeat(plan.PartOutages, () =>
        {
            var (user, duration) = (random.Next(plan.Users), random.LogBetween(plan.Unit / 2, plan.Horizon / 2));
            return () => run.StopFeedOf(user, duration);
        });
        Repeat(plan.Freezes, () =>
        {
            var (slot, duration) = (Slot(), random.LogBetween(plan.Unit / 4, plan.Cache.MaxStaleness.Ticks * 2));
            return () => run.Freeze(slot, duration);
        });
        Repeat(plan.WallSteps, () =>
        {
            var (slot, step) = (Slot(), random.LogBetween(plan.Unit / 4, plan.Horizon));
            var isBack = !(plan.Freezes > 0 && plan.Suspends) && random.Chance(0.5);
            return () => run.ShiftWall(slot, isBack ? -step : step);
        });
        Repeat(plan.Restarts, () =>
        {
            var (slot, crash, pause) = (Slot(), random.Chance(0.5), random.Between(0, plan.Unit * 2));
            return () => run.Restart(slot, crash, pause);
        });
    }

    private void Repeat(int times, Func<Action> make)
    {
        for (var i = 0; i < times; i++)
            scheduler.At(When(), make());
    }

    private long When()
    {
        if (_bursts.Length == 0 || random.Chance(0.4))
            return random.Between(0, plan.Horizon);

        // The events of a burst are about as far apart as the time of a message, which provokes races.
        var width = random.LogBetween(plan.Latency / 4 + 1, plan.Unit * 2);
        return Math.Min(plan.Horizon, _bursts[random.Next(_bursts.Length)] + random.Between(0, width));
    }

    private int Slot() => random.Next(plan.Instances);
}
