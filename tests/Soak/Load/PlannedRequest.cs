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

/// <summary>A request that is about to be sent, and what was known before that. Used again and again by its connection.</summary>
internal sealed class PlannedRequest
{
    public RequestKind Kind { get; set; }

    public Directives Directives { get; set; } = Directives.None;

    /// <summary>Whom it is about; for <see cref="RequestKind.Find"/> the first of the pair that shares the address.</summary>
    public int User { get; set; }

    /// <summary>What is known of the users that it is about, in their order.</summary>
    public List<(int User, int Delivered, long Evicted)> Known { get; } = [];

    /// <summary>The address looked for.</summary>
    public int Address { get; set; }

    /// <summary>The entity tag sent along.</summary>
    public KnownTag? Tag { get; set; }

    public void Know(InstanceLife life, int user) => Known.Add((user, life.DeliveredOf(user), life.EvictedAt(user)));
}

/// <summary>An entity tag that came with a version.</summary>
internal sealed record KnownTag(int Version, byte[] Tag);
