using System.Text.Json;
using Lookup.Domain.Caching;
using Lookup.Domain.Users;
using Lookup.Benchmarks.Http.Reporting;
using Microsoft.Azure.Cosmos;

namespace Lookup.Benchmarks.Http.Misses;

/// <summary>The benchmark of batches of a hundred uncached users: the store requests that the client sends for them, and their cost.</summary>
internal sealed class BatchMisses(Store store, UserCache cache, Container bare, CancellationToken cancellation) : IDisposable
{
    private const int Size = 100;
    private const int Batches = 20;

    private readonly HttpClient _http = new();

    public async Task MeasureAsync(Report report)
    {
        var sample = new UserSet("1 KB", 'b', 1024, 2 * Size * Batches).Users;
        await store.PutAsync(sample, cancellation);
        var batches = sample.Select(user => user.Id).Chunk(Size).ToList();
        var charges = new List<double>();
        var queries = new List<double>();
        var requests = new List<double>();
        var times = new List<double>();
        for (var i = 0; i < batches.Count; i += 2)
        {
            var (bareBatch, lookupBatch) = (batches[i], batches[i + 1]);
            var before = await StatisticsAsync();
            var bareTime = await TimeAsync(() => BareAsync(bareBatch));
            var between = await StatisticsAsync();
            var lookupTime = await TimeAsync(() => LookupAsync(lookupBatch));
            var after = await StatisticsAsync();
            charges.Add((after.Charge - between.Charge) / (between.Charge - before.Charge));
            queries.Add(after.Queries - between.Queries);
            requests.Add((double)(after.Requests - between.Requests) / (between.Requests - before.Requests));
            times.Add(lookupTime / bareTime);
        }

        report.Add(RatioTarget.AtMost($"a batch of {Size} misses: queries, at {Store.Ranges} ranges", Store.Ranges, Spread.Of(queries)));
        report.Add(RatioTarget.AtMost($"a batch of {Size} misses: requests, of the bare ReadMany", 1, Spread.Of(requests)));
        report.Add(RatioTarget.AtMost($"a batch of {Size} misses: request units, of the bare ReadMany", 1.3, Spread.Of(charges)));
        report.Say($"A batch of {Size} misses takes {Spread.Of(times)} of the time of the bare `ReadManyItemsStreamAsync`.");
    }

    public void Dispose() => _http.Dispose();

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var began = TimeProvider.System.GetTimestamp();
        await work();
        return TimeProvider.System.GetElapsedTime(began).TotalMicroseconds;
    }

    private async Task BareAsync(string[] ids)
    {
        using var response = await bare.ReadManyItemsStreamAsync([.. ids.Select(id => (id, new PartitionKey(id)))], null, cancellation);
        response.EnsureSuccessStatusCode();
    }

    private async Task LookupAsync(string[] ids)
    {
        foreach (var result in await cache.GetManyAsync([.. ids.Select(UserKey.Create)], default, cancellation))
        {
            if (result is not { Status: LookupStatus.Found, Source: LookupSource.Miss })
                throw new BenchmarkException($"A miss was expected, but the result is {result}.");
        }
    }

    /// <summary>Returns the counters of the endpoint. A request for a query plan counts as a request too.</summary>
    private async Task<(long Queries, long Requests, double Charge)> StatisticsAsync()
    {
        using var json = JsonDocument.Parse(await _http.GetStringAsync(new Uri(store.Endpoint, "_emulator/stats"), cancellation));
        var root = json.RootElement;
        return (
            Count("queries"),
            Count("pointReads") + Count("queries") + Count("queryPlans"),
            root.GetProperty("requestUnits").GetProperty("total").GetDouble());

        long Count(string name) => root.GetProperty(name).GetInt64();
    }
}
