namespace Lookup.Benchmarks.Load;

/// <summary>The mix of requests, and the speed of the store beyond the knee.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">The description.</param>
/// <param name="Shares">The shares of conditional requests, store reads and batches; the other requests are hits.</param>
/// <param name="SlowStore">True if the store takes 200 ms for each read beyond the knee.</param>
internal sealed record Scenario(string Name, string Description, (double Conditional, double Read, double Batch) Shares, bool SlowStore)
{
    public static readonly IReadOnlyList<Scenario> All =
    [
        new("hits", "cached users; 20 % of the requests with an entity tag, which return 304", (0.2, 0, 0), false),
        new("mixed", "as above, with 5 % reads of the store (no-cache) and 1 % batches of ten", (0.2, 0.05, 0.01), false),
        new("slow", "the same mix; beyond the knee the store takes 200 ms for each read", (0.2, 0.05, 0.01), true),
    ];
}
