using Lookup.Support;

namespace Lookup.Benchmarks.Races.SharedTier;

/// <summary>The old values after a number of races, or after invalidations without a race.</summary>
/// <param name="Cache">The name of the cache.</param>
/// <param name="Case">The case.</param>
/// <param name="OnFirst">The number of rows of which the first instance, which loaded them, serves the old version.</param>
/// <param name="OnSecond">The same for the second instance.</param>
/// <param name="OnThird">The same for an instance that has not read them before.</param>
internal sealed record SharedRace(string Cache, string Case, int OnFirst, int OnSecond, int OnThird)
{
    private const int First = 0;
    private const int Second = 1;
    private const int Third = 2;

    /// <summary>The time for messages between instances and for writes in the background.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    public bool HasOld => OnFirst + OnSecond + OnThird > 0;

    /// <summary>Runs all cases on one cache, each with a Redis of its own.</summary>
    public static async Task<IReadOnlyList<SharedRace>> RunAllAsync(Func<int, Task<ISharedContender>> start, int trials) =>
    [
        await RunAsync(start, trials, "load in flight, the loader invalidates", isLoading: true, First),
        await RunAsync(start, trials, "load in flight, another one invalidates", isLoading: true, Second),
        await RunAsync(start, trials, "cached by both, another one invalidates", isLoading: false, Second),
    ];

    private static async Task<SharedRace> RunAsync(Func<int, Task<ISharedContender>> start, int trials, string name, bool isLoading, int invalidating)
    {
        using var redis = CacheServer.Redis();
        await redis.StartAsync();
        await using var cache = await start(redis.Port);
        Row[] rows = [.. Enumerable.Range(0, trials).Select(i => new Row($"u{i}", new VersionedSource()))];
        await cache.PrepareAsync(rows);

        var loads = rows.Select(row => cache.GetAsync(First, row).AsTask()).ToArray();
        await Task.WhenAll(rows.Select(row => row.Source.FirstTaken));
        if (!isLoading)
        {
            await ReleaseAsync(rows, loads);
            await CountOldAsync(cache, Second, rows);
            await SettleAsync();
        }

        await cache.ChangeAsync(invalidating, rows);
        if (isLoading)
            await ReleaseAsync(rows, loads);
        await SettleAsync();
        return new SharedRace(
            cache.Name, name, await CountOldAsync(cache, First, rows), await CountOldAsync(cache, Second, rows), await CountOldAsync(cache, Third, rows));
    }

    private static Task SettleAsync() => Task.Delay(Settling, TimeProvider.System);

    private static Task ReleaseAsync(Row[] rows, Task[] loads)
    {
        foreach (var row in rows)
            row.Source.ReleaseFirst();
        return Task.WhenAll(loads);
    }

    private static async Task<int> CountOldAsync(ISharedContender cache, int instance, Row[] rows)
    {
        var old = 0;
        foreach (var row in rows)
            old += await cache.GetAsync(instance, row) == 1 ? 1 : 0;
        return old;
    }
}
