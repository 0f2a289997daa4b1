namespace Lookup.Functions.Resilience;

/// <summary>The state and the counters of the <see cref="StoreGuard"/>.</summary>
internal sealed record StoreGuardState
{
    /// <summary>Gets the state of the circuit: closed while the store is healthy, open or half open while it is unhealthy.</summary>
    public required CircuitState Circuit { get; init; }

    /// <summary>Gets the number of reads in flight.</summary>
    public required long InFlight { get; init; }

    /// <summary>Gets the number of queued reads.</summary>
    public required long Queued { get; init; }

    /// <summary>Gets the number of reads that were rejected because the queue was full.</summary>
    public required long Shed { get; init; }

    /// <summary>Gets the number of reads that were rejected because the circuit was open.</summary>
    public required long Refused { get; init; }

    /// <summary>Gets the number of attempts after the first ones.</summary>
    public required long Retries { get; init; }

    /// <summary>Gets the number of times that the circuit has opened, including each failed probe.</summary>
    public required long Opened { get; init; }
}
