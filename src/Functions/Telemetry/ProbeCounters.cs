namespace Lookup.Functions.Telemetry;

/// <summary>What the consistency probe has found. Both statistics and metrics are read from here.</summary>
internal sealed class ProbeCounters
{
    private const double Scale = 1000; // charges have two decimals; they are summed in thousandths

    private readonly Lock _gate = new();
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

    /// <summary>The longest for which memory was seen to miss a change, since the start.</summary>
    public TimeSpan MaxStaleness => TimeSpan.FromTicks(Interlocked.Read(ref _maxStaleness));

    public void AddSample(double requestUnits)
    {
        Interlocked.Increment(ref _sampled);
        Interlocked.Add(ref _charge, (long)(requestUnits * Scale));
    }

    public void AddViolation() => Interlocked.Increment(ref _violations);

    public void NoteStaleness(TimeSpan staleness)
    {
        lock (_gate)
            Interlocked.Exchange(ref _maxStaleness, Math.Max(_maxStaleness, staleness.Ticks));
    }
}
