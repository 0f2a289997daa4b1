using Lookup.Domain.Caching;

namespace Lookup.Simulation.Checking;

/// <summary>One request of a client, and what was owed to it when it began.</summary>
internal sealed class Request
{
    private static readonly AsyncLocal<Request?> Ambient = new();

    /// <summary>The request that the running code serves; a flight goes on as that of the request that launched it.</summary>
    public static Request? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    public required int Number { get; init; }

    public required ReadDirectives Directives { get; init; }

    /// <summary>The users asked for; empty where an alternate key was.</summary>
    public required int[] Users { get; init; }

    /// <summary>The alternate key asked for; −1 where users were.</summary>
    public required int Alternate { get; init; }

    /// <summary>When it began, in true time.</summary>
    public required long Began { get; init; }

    /// <summary>When it began, in the time that its machine was running.</summary>
    public required long BeganRunning { get; init; }

    /// <summary>For each user: the version below which nothing may come, because it was evicted (G2).</summary>
    public required int[] EvictedFor { get; init; }

    /// <summary>For each user: the version below which nothing may come, because it was delivered before (G3).</summary>
    public required int[] Delivered { get; init; }

    public bool IsCanceled { get; set; }
}
