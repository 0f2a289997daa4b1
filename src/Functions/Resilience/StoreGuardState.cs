using Polly.CircuitBreaker;

namespace Lookup.Functions.Resilience;

/// <summary>What the <see cref="StoreGuard"/> has done, and how it is at this moment.</summary>
internal sealed record StoreGuardState
{
    /// <summary>Closed while the store is well; open or half open while it is ill.</summary>
    public required CircuitState Circuit { get; init; }

    /// <summary>Reads that are with the store.</summary>
    public required long InFlight { get; init; }

    /// <summary>Reads that wait for a place.</summary>
    public required long Queued { get; init; }

    /// <summary>Reads that were refused because the queue was full.</summary>
    public required long Shed { get; init; }

    /// <summary>Reads that were refused because the circuit was open.</summary>
    public required long Refused { get; init; }

    /// <summary>Attempts after the first.</summary>
    public required long Retries { get; init; }

    /// <summary>How often the circuit has opened, counting each probe that failed.</summary>
    public required long Opened { get; init; }
}
