namespace Lookup.Soak.Faults;

/// <summary>A fault that is injected for a limited time.</summary>
/// <param name="Name">The name that selects and lists the fault.</param>
/// <param name="Seconds">The duration in a run of ten minutes.</param>
/// <param name="RunAsync">Starts the fault, waits for the specified duration, and ends it. Returns a note for the report.</param>
internal sealed record Fault(string Name, double Seconds, Func<FaultContext, Task<string>> RunAsync)
{
    /// <summary>Gets a value that indicates whether the store may fail requests during the fault.</summary>
    public bool TroublesStore { get; init; }

    /// <summary>Gets a value that indicates whether replicas lag during the fault.</summary>
    public bool MakesLag { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the SDK loses its session tokens. Until every range has responded again, a read may be served
    /// by a lagging replica. Token loss and lag together break G2 and G3 (docs/consistency.md, "Assumptions about Cosmos DB"), so such
    /// faults never overlap.
    /// </summary>
    public bool LosesSession { get; init; }

    /// <summary>Gets a value that indicates whether the fault stops the endpoint itself. Only one such fault runs at a time.</summary>
    public bool NeedsEndpoint { get; init; }
}

/// <summary>The context in which a fault runs.</summary>
internal sealed record FaultContext(World World, TimeSpan Duration, Random Random, Turns Instances, CancellationToken Cancelled)
{
    /// <summary>Waits until the fault is to end.</summary>
    public Task LastAsync() => LastAsync(Duration);

    public Task LastAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, Cancelled);
}

/// <summary>Locks that allow only one fault at a time to stop or start an instance or the endpoint.</summary>
internal sealed class Turns(int count)
{
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, count).Select(_ => new SemaphoreSlim(1, 1))];

    public async Task<IDisposable> TakeAsync(int which, CancellationToken cancellationToken)
    {
        await _locks[which].WaitAsync(cancellationToken);
        return new Release(_locks[which]);
    }

    private sealed class Release(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}

/// <summary>The record of a fault that has run.</summary>
internal sealed record FaultRecord(string Name, bool IsAlone, long From, long Until)
{
    /// <summary>
    /// Gets or sets the time from the end of the fault until all instances follow the feed again and no request fails, or null if the
    /// recovery was not awaited.
    /// </summary>
    public TimeSpan? Recovery { get; set; }

    public string Note { get; set; } = "";
}
