namespace Lookup.Benchmarks.Races;

/// <summary>One run of the race, and what it left in memory.</summary>
/// <param name="Cache">Which cache ran it.</param>
/// <param name="Second">The version that the reader got who came after the invalidation, where there was one.</param>
/// <param name="Resident">The version that a reader gets when all is over. The row has version 2.</param>
internal sealed record Race(string Cache, int? Second, int Resident)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public bool IsRight => Resident == 2 && Second is not 1;

    public string Verdict => IsRight
        ? "right: serves the new value"
        : $"wrong: {(Second is 1 ? "the second reader got the old value; " : "")}{(Resident == 1 ? "the old value stays in memory" : "memory is right")}";

    public static async Task<Race> RunAsync(Func<IContender> make, bool withSecondReader)
    {
        await using var cache = make();
        var source = new VersionedSource();

        var first = cache.GetAsync(source).AsTask();
        await source.FirstTaken;
        source.Change();
        await cache.InvalidateAsync();

        int? seen = null;
        var second = withSecondReader ? cache.GetAsync(source).AsTask() : null;
        if (second is not null)
        {
            // A cache that makes the second reader wait for the first one's load gets its answer after the release.
            await Task.WhenAny(second, Task.Delay(Patience, TimeProvider.System));
        }

        source.ReleaseFirst();
        await first;
        if (second is not null)
            seen = await second;
        return new Race(cache.Name, seen, await cache.GetAsync(source));
    }
}
