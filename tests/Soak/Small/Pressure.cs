namespace Lookup.Soak.Small;

/// <summary>A load that is put on one instance for a while.</summary>
internal abstract class Pressure
{
    private long _attempts;
    private long _served;
    private long _rejected;
    private long _lost;

    /// <summary>Gets the number of requests or connections that were attempted.</summary>
    public long Attempts => Interlocked.Read(ref _attempts);

    /// <summary>Gets the number of requests that got the response that a machine without limits would give.</summary>
    public long Served => Interlocked.Read(ref _served);

    /// <summary>Gets the number of requests that got a 503.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Gets the number of requests without a response: their connection was refused or closed, or they waited for too long.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Gets the unit in which the load is counted.</summary>
    public abstract string Unit { get; }

    /// <summary>Puts the load on the instance until canceled, and then takes it away.</summary>
    public abstract Task RunAsync(CancellationToken stopping);

    /// <summary>Counts one attempt by the status of its response, or 0 if there was none.</summary>
    protected void Count(int status)
    {
        Interlocked.Increment(ref _attempts);
        if (status is 200 or 404)
            Interlocked.Increment(ref _served);
        else if (status == 503)
            Interlocked.Increment(ref _rejected);
        else
            Interlocked.Increment(ref _lost);
    }
}
