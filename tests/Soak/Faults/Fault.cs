namespace Lookup.Soak.Faults;

/// <summary>Something that goes wrong on purpose, for a while.</summary>
/// <param name="Name">How it is asked for, and listed.</param>
/// <param name="Seconds">How long it lasts in a run of ten minutes.</param>
/// <param name="RunAsync">Begins it, waits as long as it is told, and ends it. Returns what there is to say about it.</param>
internal sealed record Fault(string Name, double Seconds, Func<FaultContext, Task<string>> RunAsync)
{
    /// <summary>While it lasts the store may fail requests.</summary>
    public bool TroublesStore { get; init; }

    /// <summary>While it lasts replicas lag.</summary>
    public bool MakesLag { get; init; }

    /// <summary>
    /// The SDK forgets its session tokens: until every range has answered again, nothing keeps a read from a replica that lags. The two
    /// together break G2 and G3 (docs/consistency.md, "Assumptions about Cosmos DB"), so they come one after the other.
    /// </summary>
    public bool LosesSession { get; init; }

    /// <summary>Only one fault of this kind at a time: the endpoint itself comes and goes.</summary>
    public bool NeedsEndpoint { get; init; }
}

/// <summary>What a fault has to do with.</summary>
internal sealed record FaultContext(World World, TimeSpan Duration, Random Random, Turns Instances, CancellationToken Cancelled)
{
    /// <summary>Waits until the fault is to end.</summary>
    public Task LastAsync() => LastAsync(Duration);

    public Task LastAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, Cancelled);
}

/// <summary>Sees to it that one fault at a time stops or starts an instance, or the endpoint.</summary>
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

/// <summary>What became of a fault.</summary>
internal sealed record FaultRecord(string Name, bool IsAlone, long From, long Until)
{
    /// <summary>From its end until all instances follow the feed again and no request fails; null where that was not waited for.</summary>
    public TimeSpan? Recovery { get; set; }

    public string Note { get; set; } = "";
}
