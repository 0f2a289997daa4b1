namespace Lookup.Benchmarks.Load;

/// <summary>What a request asks for.</summary>
internal enum RequestKind
{
    /// <summary>A user that is in memory.</summary>
    Hit,

    /// <summary>The same with the entity tag at hand: 304.</summary>
    Conditional,

    /// <summary>A user with <c>no-cache</c>: one read of the store.</summary>
    Read,

    /// <summary>Ten users in one request, all in memory.</summary>
    Batch,
}
