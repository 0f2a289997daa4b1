namespace Lookup.Benchmarks.Load;

/// <summary>What became of one request.</summary>
internal enum Outcome
{
    /// <summary>200, 304 or 404, as asked.</summary>
    Answered,

    /// <summary>503: refused because the service or its store had too much to do, or the store failed.</summary>
    Shed,

    /// <summary>No answer, or one that should not be.</summary>
    Failed,

    /// <summary>Never sent: every connection was busy until the caller would have given up.</summary>
    GivenUp,
}
