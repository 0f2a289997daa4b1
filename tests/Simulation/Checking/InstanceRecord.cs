using Lookup.Simulation.Runs;
using Lookup.Simulation.World;

namespace Lookup.Simulation.Checking;

/// <summary>What one instance, in one life, has been told and has told others.</summary>
internal sealed class InstanceRecord(Database database, Plan plan)
{
    private readonly int[] _evictedFor = new int[plan.Users];
    private readonly int[] _delivered = new int[plan.Users];

    public int[] EvictedFor => _evictedFor;

    public int[] Delivered => _delivered;

    /// <summary>An eviction for a version was applied.</summary>
    public void EvictFor(int user, int version) => _evictedFor[user] = Math.Max(_evictedFor[user], version);

    /// <summary>
    /// An eviction was applied that names no version: what is read from now on reflects at least what every replica has applied.
    /// </summary>
    public void Evict(int user, long now) => EvictFor(user, database.Users[user].CommittedBy(now - plan.ReplicaLag).Index);

    public void Deliver(int user, int version) => _delivered[user] = Math.Max(_delivered[user], version);
}
