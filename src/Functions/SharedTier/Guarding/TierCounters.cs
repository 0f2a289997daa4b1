namespace Lookup.Functions.SharedTier.Guarding;

/// <summary>The counters of <see cref="GuardedTier"/>, since startup.</summary>
/// <param name="Hits">The keys that were read and had a value.</param>
/// <param name="Misses">The keys that were read and had none.</param>
/// <param name="Writes">The values that were written.</param>
/// <param name="Failures">The calls that the tier failed, without those that reached the time limit.</param>
/// <param name="Timeouts">The calls that reached the time limit.</param>
/// <param name="Refused">The calls other than writes that were not sent, because the circuit was open or too many were in flight.</param>
/// <param name="DroppedWrites">The writes that were not sent, because the circuit was open or too many were queued.</param>
/// <param name="TooLarge">The writes that were not sent because of their size.</param>
/// <param name="Opened">The number of times that a circuit opened.</param>
internal sealed record TierStatistics(
    long Hits, long Misses, long Writes, long Failures, long Timeouts, long Refused, long DroppedWrites, long TooLarge, long Opened);

/// <summary>The kinds of events that are counted.</summary>
internal enum TierEvent
{
    Hit,
    Miss,
    Write,
    Failure,
    Timeout,
    Refused,
    DroppedWrite,
    TooLarge,
}

/// <summary>The counters behind <see cref="TierStatistics"/>. They count calls over the network, so contention for their cache lines does not matter.</summary>
internal sealed class TierCounters
{
    private readonly long[] _counts = new long[Enum.GetValues<TierEvent>().Length];

    public void Count(TierEvent kind, int count = 1)
    {
        if (count > 0)
            Interlocked.Add(ref _counts[(int)kind], count);
    }

    public TierStatistics Read(long opened) => new(
        Of(TierEvent.Hit),
        Of(TierEvent.Miss),
        Of(TierEvent.Write),
        Of(TierEvent.Failure),
        Of(TierEvent.Timeout),
        Of(TierEvent.Refused),
        Of(TierEvent.DroppedWrite),
        Of(TierEvent.TooLarge),
        opened);

    private long Of(TierEvent kind) => Interlocked.Read(ref _counts[(int)kind]);
}
