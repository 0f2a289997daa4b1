using Lookup.Soak.Checking;

namespace Lookup.Soak.Load;

internal enum RequestKind
{
    Get,
    Conditional,
    Unknown,
    Batch,
    Find,
    Evict,
    Clear,
}

/// <summary>A request that is about to be sent, and the facts known before that. Each connection reuses its instances.</summary>
internal sealed class PlannedRequest
{
    public RequestKind Kind { get; set; }

    public Directives Directives { get; set; } = Directives.None;

    /// <summary>Gets or sets the requested user; for <see cref="RequestKind.Find"/>, the first of the pair that shares the address.</summary>
    public int User { get; set; }

    /// <summary>Gets the known facts about the requested users, in the order of the request.</summary>
    public List<(int User, int Delivered, long Evicted)> Known { get; } = [];

    /// <summary>Gets or sets the requested address.</summary>
    public int Address { get; set; }

    /// <summary>Gets or sets the entity tag that is sent with the request.</summary>
    public KnownTag? Tag { get; set; }

    public void Know(InstanceLife life, int user) => Known.Add((user, life.DeliveredOf(user), life.EvictedAt(user)));
}

/// <summary>An entity tag that was received with a version.</summary>
internal sealed record KnownTag(int Version, byte[] Tag);
