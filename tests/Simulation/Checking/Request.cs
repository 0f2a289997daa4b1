using Lookup.Domain.Caching;

namespace Lookup.Simulation.Checking;

/// <summary>One request of a client, and the minimum versions that applied when it began.</summary>
internal sealed class Request
{
    private static readonly AsyncLocal<Request?> Ambient = new();

    /// <summary>Gets or sets the request that the running code serves. A flight runs as part of the request that started it.</summary>
    public static Request? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    public required int Number { get; init; }

    public required ReadDirectives Directives { get; init; }

    /// <summary>Gets the requested users; empty for a request by alternate key.</summary>
    public required int[] Users { get; init; }

    /// <summary>Gets the requested alternate key, or −1 for a request by id.</summary>
    public required int Alternate { get; init; }

    /// <summary>Gets the true time at which it began.</summary>
    public required long Began { get; init; }

    /// <summary>Gets the running time of its machine at which it began.</summary>
    public required long BeganRunning { get; init; }

    /// <summary>Gets, for each user, the minimum version because of evictions (G2).</summary>
    public required int[] EvictedFor { get; init; }

    /// <summary>Gets, for each user, the minimum version because of earlier results (G3).</summary>
    public required int[] Delivered { get; init; }

    public bool IsCanceled { get; set; }
}
