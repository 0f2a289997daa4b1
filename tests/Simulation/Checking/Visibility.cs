using Lookup.Simulation.Runs;
using Lookup.Simulation.World;

namespace Lookup.Simulation.Checking;

/// <summary>Which version of a user an answer must reflect at least: the definition of G1.</summary>
/// <remarks>
/// <para>A change is visible when every replica has applied it and the feed could show it: commit + max(replica lag, feed delay).</para>
/// <para>
/// In LatestVersion mode the feed shows no deletes, and of a user who is deleted before the feed was asked it does not show the changes
/// before the delete either. What a delete follows is therefore owed only by the age of the entry's own read: MaxUnseenDelete.
/// </para>
/// </remarks>
internal sealed class Visibility(Plan plan)
{
    /// <summary>The most by which an instance's time may fall behind: what InstanceClock tolerates between its two clocks.</summary>
    private readonly long _slack = plan.Freezes > 0 || plan.WallSteps > 0 ? TimeSpan.TicksPerMillisecond + 100 : 100;

    private readonly long _visibleAfter = plan.Follows ? Math.Max(plan.ReplicaLag, plan.FeedDelay) : plan.ReplicaLag;
    private readonly bool _hidesDeletes = plan.Follows && !plan.ShowsDeletes;

    /// <summary>The index of the oldest version that may be given.</summary>
    /// <param name="user">Whom the answer is about.</param>
    /// <param name="began">When its request began.</param>
    /// <param name="staleness">How stale the answer may be, in ticks.</param>
    /// <param name="beyond">By how much the request allowed to exceed the promise.</param>
    public int Required(UserHistory user, long began, long staleness, long beyond)
    {
        var visible = user.CommittedBy(began - staleness - beyond - _visibleAfter - _slack).Index;
        if (!_hidesDeletes || user.LastAbsence(visible + 1, user.Newest.Index) < 0 && !user[visible].IsAbsent)
            return visible;

        // From the last absence that the feed may have hidden, only the bound of unseen deletes counts; but what was created after
        // an absence, and is still there, the feed shows.
        var unseen = user.CommittedBy(began - plan.Cache.MaxUnseenDelete!.Value.Ticks - beyond - plan.ReplicaLag - _slack).Index;
        return Math.Min(visible, unseen);
    }
}
