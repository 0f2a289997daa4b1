using Lookup.Domain.Diagnostics;

namespace Lookup.Functions.Telemetry;

/// <summary>The counters of the consistency probe. The statistics and the metrics both read them.</summary>
internal sealed class ProbeCounters
{
    private readonly RequestUnitCounter _charge = new();
    private readonly Lock _gate = new();
    private long _sampled;
    private long _violations;
    private long _maxStaleness;

    /// <summary>Gets the number of users that were compared with the store.</summary>
    public long Sampled => Interlocked.Read(ref _sampled);

    /// <summary>Gets the number of samples in which a user was cached as fresh, and missed a change older than the staleness bound.</summary>
    public long Violations => Interlocked.Read(ref _violations);

    /// <summary>Gets the cost of the probe's reads, in request units.</summary>
    public double RequestCharge => _charge.Total;

    /// <summary>Gets the longest time since startup for which the cache is known to have missed a change.</summary>
    public TimeSpan MaxStaleness => TimeSpan.FromTicks(Interlocked.Read(ref _maxStaleness));

    public void AddSample(double requestUnits)
    {
        Interlocked.Increment(ref _sampled);
        _charge.Add(requestUnits);
    }

    public void AddViolation() => Interlocked.Increment(ref _violations);

    public void NoteStaleness(TimeSpan staleness)
    {
        lock (_gate)
            Interlocked.Exchange(ref _maxStaleness, Math.Max(_maxStaleness, staleness.Ticks));
    }
}
