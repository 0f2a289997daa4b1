namespace Lookup.Soak.Checking;

/// <summary>The versions received from one instance, and the evictions sent to it, from one start to its end.</summary>
internal sealed class InstanceLife(int instance, int number, int users)
{
    private readonly int[] _delivered = new int[users];
    private readonly long[] _evictedAt = NeverFor(users);
    private long _clearedAt = long.MinValue;

    public int Instance => instance;

    /// <summary>Gets the number of this life of the instance.</summary>
    public int Number => number;

    /// <summary>Returns the newest version of a user that was received from the instance (G3).</summary>
    public int DeliveredOf(int user) => Volatile.Read(ref _delivered[user]);

    /// <summary>Returns the time at which the last completed eviction of the user was requested (G2).</summary>
    public long EvictedAt(int user) => Math.Max(Volatile.Read(ref _evictedAt[user]), Volatile.Read(ref _clearedAt));

    public void Deliver(int user, int version)
    {
        var known = Volatile.Read(ref _delivered[user]);
        while (version > known)
        {
            var seen = Interlocked.CompareExchange(ref _delivered[user], version, known);
            if (seen == known)
                return;
            known = seen;
        }
    }

    public void Evict(int user, long askedAt) => Raise(ref _evictedAt[user], askedAt);

    public void Clear(long askedAt) => Raise(ref _clearedAt, askedAt);

    private static void Raise(ref long place, long value)
    {
        var known = Volatile.Read(ref place);
        while (value > known)
        {
            var seen = Interlocked.CompareExchange(ref place, value, known);
            if (seen == known)
                return;
            known = seen;
        }
    }

    private static long[] NeverFor(int users)
    {
        var times = new long[users];
        Array.Fill(times, long.MinValue);
        return times;
    }
}
