using System.Globalization;
using Lookup.Domain.Caching;
using Lookup.Domain.Users;
using Lookup.Benchmarks.Http.Reporting;
using Microsoft.Azure.Cosmos;

namespace Lookup.Benchmarks.Http.Misses;

/// <summary>The benchmark of single uncached users, read in several ways by turns.</summary>
internal sealed class SingleMisses(Store store, ServiceStack stack, Container bare, CancellationToken cancellation)
{
    private const int Slices = 10;
    private const int WarmUp = 500;

    private readonly Stages _stages = new(stack);

    private (string Name, Func<string, Task> Read)[] Ways =>
    [
        ("the bare `ReadItemStreamAsync`", BareAsync),
        ("the adapter alone (`CosmosUserStore`)", AdapterAsync),
        ("the cache in front of it (`UserCache`)", id => CacheAsync(stack.Bare, id)),
        ("all of it, as in the service (cache, guard, counters, adapter)", id => _stages.NoteAsync(() => CacheAsync(stack.Whole, id))),
    ];

    /// <summary>Measures each way of reading.</summary>
    /// <param name="prefix">The prefix of the user ids, which ensures that the users are not cached.</param>
    /// <param name="count">The number of misses for each way of reading.</param>
    /// <param name="where">The distance of the store, in words.</param>
    /// <param name="report">The report.</param>
    public async Task MeasureAsync(char prefix, int count, string where, Report report)
    {
        var ways = Ways;
        var warmUp = Math.Min(count, WarmUp);
        var sample = new UserSet("1 KB", prefix, 1024, ways.Length * (warmUp + count)).Users;
        await store.PutAsync(sample, cancellation);
        var times = ways.Select(_ => new List<double>()).ToArray();
        foreach (var (turn, ids) in sample.Select(user => user.Id).Chunk(ways.Length).Index())
        {
            if (turn == warmUp)
                _stages.Forget();

            // Each way goes first equally often.
            for (var i = 0; i < ways.Length; i++)
            {
                var way = (turn + i) % ways.Length;
                var began = TimeProvider.System.GetTimestamp();
                await ways[way].Read(ids[way]);
                times[way].Add(TimeProvider.System.GetElapsedTime(began).TotalMicroseconds);
            }
        }

        var slices = times.Select(all => all.Skip(warmUp).Chunk(Math.Max(1, count / Slices)).Select(Median).ToArray()).ToArray();
        for (var way = 0; way < ways.Length; way++)
        {
            report.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"A miss in the process, {where}, by {ways[way].Name}: {Median(times[way].Skip(warmUp)):0} µs, median of {count}; {Ratio(way)} of the bare one."));
        }

        report.Say(_stages.ToString());
        report.Add(RatioTarget.AtMost($"a miss, {where}: time, of the bare point read", 1.05, Ratio(ways.Length - 1)));

        Spread Ratio(int way) => Spread.Of(slices[way].Zip(slices[0], (mine, its) => mine / its));
    }

    private async Task BareAsync(string id)
    {
        using var response = await bare.ReadItemStreamAsync(id, new PartitionKey(id), null, cancellation);
        response.EnsureSuccessStatusCode();
    }

    private async Task AdapterAsync(string id)
    {
        if ((await stack.Adapter.ReadAsync(UserKey.Create(id), null, cancellation)).Document is null)
            throw new BenchmarkException($"{id} is not found.");
    }

    private async Task CacheAsync(UserCache cache, string id)
    {
        var result = await cache.GetAsync(UserKey.Create(id), default, cancellation);
        if (result is not { Status: LookupStatus.Found, Source: LookupSource.Miss })
            throw new BenchmarkException($"A miss was expected, but the result is {result}.");
    }

    private static double Median(IEnumerable<double> values) => Spread.Of(values).Median;
}
