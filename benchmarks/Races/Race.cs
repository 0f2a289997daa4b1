namespace Lookup.Benchmarks.Races;

/// <summary>One run of the race, and the value that is cached afterwards.</summary>
/// <param name="Cache">The name of the cache.</param>
/// <param name="Second">The version returned to the reader that started after the invalidation, if there was one.</param>
/// <param name="Resident">The version that a reader receives at the end. The row has version 2.</param>
internal sealed record Race(string Cache, int? Second, int Resident)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public bool IsRight => Resident == 2 && Second is not 1;

    public string Verdict => IsRight
        ? "right: serves the new value"
        : $"wrong: {(Second is 1 ? "the second reader got the old value; " : "")}{(Resident == 1 ? "the old value stays cached" : "the cached value is right")}";

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
            // If the cache makes the second reader wait for the first one's load, the second reader completes after the release.
            await Task.WhenAny(second, Task.Delay(Patience, TimeProvider.System));
        }

        source.ReleaseFirst();
        await first;
        if (second is not null)
            seen = await second;
        return new Race(cache.Name, seen, await cache.GetAsync(source));
    }
}
