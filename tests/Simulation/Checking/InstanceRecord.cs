using Lookup.Simulation.Runs;
using Lookup.Simulation.World;

namespace Lookup.Simulation.Checking;

/// <summary>The evictions that one instance has applied and the versions that it has delivered, from its start to its end.</summary>
internal sealed class InstanceRecord(Database database, Plan plan)
{
    private readonly int[] _evictedFor = new int[plan.Users];
    private readonly int[] _delivered = new int[plan.Users];

    public int[] EvictedFor => _evictedFor;

    public int[] Delivered => _delivered;

    /// <summary>Records an eviction for a version.</summary>
    public void EvictFor(int user, int version) => _evictedFor[user] = Math.Max(_evictedFor[user], version);

    /// <summary>
    /// Records an eviction without a version. Reads from now on reflect at least the version that every replica has applied.
    /// </summary>
    public void Evict(int user, long now) => EvictFor(user, database.Users[user].CommittedBy(now - plan.ReplicaLag).Index);

    public void Deliver(int user, int version) => _delivered[user] = Math.Max(_delivered[user], version);
}
