namespace Lookup.Functions.Probe;

/// <summary>What the consistency probe has found. Both statistics and metrics are read from here.</summary>
internal sealed class ProbeCounters
{
    private const double Scale = 1000; // charges have two decimals; they are summed in thousandths

    private long _sampled;
    private long _violations;
    private long _charge;
    private long _maxStaleness;

    /// <summary>Users that were compared with the store.</summary>
    public long Sampled => Interlocked.Read(ref _sampled);

    /// <summary>Those among them that would have been served as fresh, and missed a change older than the promise.</summary>
    public long Violations => Interlocked.Read(ref _violations);

    /// <summary>What the probe's own reads have cost, in request units.</summary>
    public double RequestCharge => Interlocked.Read(ref _charge) / Scale;

    /// <summary>The greatest time for which a change had surely not been seen in memory, since the start.</summary>
    public TimeSpan MaxStaleness => TimeSpan.FromTicks(Interlocked.Read(ref _maxStaleness));

    public void AddCharge(double requestUnits) => Interlocked.Add(ref _charge, (long)(requestUnits * Scale));

    public void AddSample(TimeSpan staleness, bool isViolation)
    {
        Interlocked.Increment(ref _sampled);
        if (isViolation)
            Interlocked.Increment(ref _violations);

        // The probe alone writes this, one sample after the other.
        if (staleness.Ticks > Interlocked.Read(ref _maxStaleness))
            Interlocked.Exchange(ref _maxStaleness, staleness.Ticks);
    }
}
