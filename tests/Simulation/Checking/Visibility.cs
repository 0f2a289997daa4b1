using Lookup.Simulation.Runs;
using Lookup.Simulation.World;

namespace Lookup.Simulation.Checking;

/// <summary>Determines the minimum version of a user that a result must reflect: the definition of G1.</summary>
/// <remarks>
/// <para>A change is visible when every replica has applied it and the feed can return it: commit + max(replica lag, feed delay).</para>
/// <para>
/// In LatestVersion mode, the feed contains no deletes. If a user is deleted before the feed is polled, the feed does not contain the
/// changes before the delete either. Changes that are followed by a delete are therefore bounded only by the age of the entry's own read,
/// MaxUnseenDelete.
/// </para>
/// </remarks>
internal sealed class Visibility(Plan plan)
{
    /// <summary>The maximum lag of an instance's time, which is the drift that InstanceClock tolerates between its two clocks.</summary>
    private readonly long _slack = plan.Freezes > 0 || plan.WallSteps > 0 ? TimeSpan.TicksPerMillisecond + 100 : 100;

    private readonly long _visibleAfter = plan.Follows ? Math.Max(plan.ReplicaLag, plan.FeedDelay) : plan.ReplicaLag;
    private readonly bool _hidesDeletes = plan.Follows && !plan.ShowsDeletes;

    /// <summary>Returns the index of the oldest version that a result may contain.</summary>
    /// <param name="user">The user.</param>
    /// <param name="began">The time at which the request began.</param>
    /// <param name="staleness">The staleness that the result may have, in ticks.</param>
    /// <param name="beyond">The time by which the request allows the result to exceed that, in ticks.</param>
    public int Required(UserHistory user, long began, long staleness, long beyond)
    {
        var visible = user.CommittedBy(began - staleness - beyond - _visibleAfter - _slack).Index;
        if (!_hidesDeletes || user.LastAbsence(visible + 1, user.Newest.Index) < 0 && !user[visible].IsAbsent)
            return visible;

        // For the last absence that the feed may have hidden, only the bound of unseen deletes applies. A user that was created after an
        // absence and still exists is returned by the feed.
        var unseen = user.CommittedBy(began - plan.Cache.MaxUnseenDelete!.Value.Ticks - beyond - _visibleAfter - _slack).Index;
        return Math.Min(visible, unseen);
    }
}
