namespace Lookup.Benchmarks.Load;

/// <summary>What is asked, and how the store is past the knee.</summary>
/// <param name="Name">For people.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Shares">Of all requests, how many are conditional, reads of the store and batches; the rest are hits.</param>
/// <param name="SlowStore">Whether the store takes 200 ms for each read past the knee.</param>
internal sealed record Scenario(string Name, string Description, (double Conditional, double Read, double Batch) Shares, bool SlowStore)
{
    public static readonly IReadOnlyList<Scenario> All =
    [
        new("hits", "users in memory; 20 % of the requests with an entity tag, answered 304", (0.2, 0, 0), false),
        new("mixed", "as above, with 5 % reads of the store (no-cache) and 1 % batches of ten", (0.2, 0.05, 0.01), false),
        new("slow", "the same mix; past the knee the store takes 200 ms for each read", (0.2, 0.05, 0.01), true),
    ];
}
