using System.Globalization;
using System.Text.Json;
using Lookup.Domain.Caching;
using Lookup.Domain.Changes;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Hosting;
using Lookup.HttpBenchmarks.Processes;
using Lookup.HttpBenchmarks.Reporting;
using Microsoft.Azure.Cosmos;

namespace Lookup.HttpBenchmarks.Misses;

/// <summary>What a miss costs beyond the read that it takes: users that nobody has asked for before, one way and the other in turn.</summary>
internal sealed class MissBenchmark(Store store, CosmosUserStore users, UserCache cache, Container bare) : IDisposable
{
    private const int Slices = 10;
    private const int BatchSize = 100;
    private const int Batches = 20;

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly HttpClient _http = new();

    public static async Task RunAsync(BenchmarkOptions options, Report report, CancellationToken cancellation)
    {
        Progress.Say("misses");
        await using var store = await Store.StartAsync(Cpus.Split(), cancellation);
        using var client = store.Connect();
        using var connection = new CosmosConnection(SettingsOf(store));
        var shape = new DocumentShape(Path("/id"), [Path("/email")], []);
        var users = new CosmosUserStore(connection, shape);
        var bounds = new UserCacheOptions { ReadDeadline = TimeSpan.FromSeconds(30) };
        using var cache = new UserCache(users, new Freshness(TimeProvider.System), bounds, TimeProvider.System);
        using var benchmark = new MissBenchmark(store, users, cache, client.GetContainer("lookup", "users"));
        await benchmark.SinglesAsync(options.Misses, report, cancellation);
        await benchmark.BatchesAsync(report, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private async Task SinglesAsync(int count, Report report, CancellationToken cancellation)
    {
        (string Name, Func<string, Task> Read)[] ways =
        [
            ("the bare `ReadItemStreamAsync`", id => BareAsync(id, cancellation)),
            ("the store alone (`CosmosUserStore`)", id => StoreAsync(id, cancellation)),
            ("the cache in front of it (`UserCache`)", id => LookupAsync(id, cancellation)),
        ];
        var warmUp = Math.Min(count, 500);
        var sample = new UserSet("1 KB", 'm', 1024, ways.Length * (warmUp + count)).Users;
        await store.PutAsync(sample, cancellation);
        var times = ways.Select(_ => new List<double>()).ToArray();
        foreach (var (turn, ids) in sample.Select(user => user.Id).Chunk(ways.Length).Index())
        {
            // Each goes first as often as the others.
            for (var i = 0; i < ways.Length; i++)
            {
                var way = (turn + i) % ways.Length;
                times[way].Add(await TimeAsync(() => ways[way].Read(ids[way])));
            }
        }

        var slices = times.Select(all => all.Skip(warmUp).Chunk(Math.Max(1, count / Slices)).Select(Median).ToArray()).ToArray();
        for (var way = 0; way < ways.Length; way++)
        {
            report.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"A miss in the process, by {ways[way].Name}: {Median(times[way].Skip(warmUp)):0} µs, median of {count}; {Ratio(way)} of the bare one."));
        }

        report.Add(Aim.AtMost("a miss: time, of the bare point read", 1.05, Ratio(ways.Length - 1)));

        Spread Ratio(int way) => Spread.Of(slices[way].Zip(slices[0], (mine, its) => mine / its));
    }

    private async Task BatchesAsync(Report report, CancellationToken cancellation)
    {
        var sample = new UserSet("1 KB", 'b', 1024, 2 * BatchSize * Batches).Users;
        await store.PutAsync(sample, cancellation);
        var batches = sample.Select(user => user.Id).Chunk(BatchSize).ToList();
        var charges = new List<double>();
        var queries = new List<double>();
        var requests = new List<double>();
        var times = new List<double>();
        for (var i = 0; i < batches.Count; i += 2)
        {
            var (bareBatch, lookupBatch) = (batches[i], batches[i + 1]);
            var before = await StatisticsAsync(cancellation);
            var bareTime = await TimeAsync(() => BareManyAsync(bareBatch, cancellation));
            var between = await StatisticsAsync(cancellation);
            var lookupTime = await TimeAsync(() => LookupManyAsync(lookupBatch, cancellation));
            var after = await StatisticsAsync(cancellation);
            charges.Add((after.Charge - between.Charge) / (between.Charge - before.Charge));
            queries.Add(after.Queries - between.Queries);
            requests.Add((double)(after.Requests - between.Requests) / (between.Requests - before.Requests));
            times.Add(lookupTime / bareTime);
        }

        report.Add(Aim.AtMost($"a batch of {BatchSize} misses: queries, at {Store.Ranges} ranges", Store.Ranges, Spread.Of(queries)));
        report.Add(Aim.AtMost($"a batch of {BatchSize} misses: requests, of the bare ReadMany", 1, Spread.Of(requests)));
        report.Add(Aim.AtMost($"a batch of {BatchSize} misses: request units, of the bare ReadMany", 1.3, Spread.Of(charges)));
        report.Say($"A batch of {BatchSize} misses takes {Spread.Of(times)} of the time of the bare `ReadManyItemsStreamAsync`.");
    }

    private async Task<double> TimeAsync(Func<Task> work)
    {
        var began = _time.GetTimestamp();
        await work();
        return _time.GetElapsedTime(began).TotalMicroseconds;
    }

    private async Task BareAsync(string id, CancellationToken cancellation)
    {
        using var response = await bare.ReadItemStreamAsync(id, new PartitionKey(id), null, cancellation);
        response.EnsureSuccessStatusCode();
    }

    private async Task StoreAsync(string id, CancellationToken cancellation)
    {
        if ((await users.ReadAsync(UserKey.Of(id), null, cancellation)).Document is null)
            throw new BenchmarkProblem($"{id} is not found.");
    }

    private async Task LookupAsync(string id, CancellationToken cancellation) =>
        Expect(await cache.GetAsync(UserKey.Of(id), default, cancellation));

    private async Task BareManyAsync(string[] ids, CancellationToken cancellation)
    {
        using var response = await bare.ReadManyItemsStreamAsync([.. ids.Select(id => (id, new PartitionKey(id)))], null, cancellation);
        response.EnsureSuccessStatusCode();
    }

    private async Task LookupManyAsync(string[] ids, CancellationToken cancellation)
    {
        foreach (var answer in await cache.GetManyAsync([.. ids.Select(UserKey.Of)], default, cancellation))
            Expect(answer);
    }

    private static void Expect(UserAnswer answer)
    {
        if (answer is not { Status: AnswerStatus.Found, Origin: AnswerOrigin.Miss })
            throw new BenchmarkProblem($"A miss was expected: {answer}.");
    }

    /// <summary>What the endpoint has counted. Where the client asks for a plan of a query, that is a request too.</summary>
    private async Task<(long Queries, long Requests, double Charge)> StatisticsAsync(CancellationToken cancellation)
    {
        using var json = JsonDocument.Parse(await _http.GetStringAsync(new Uri(store.Endpoint, "_emulator/stats"), cancellation));
        var root = json.RootElement;
        return (
            Count("queries"),
            Count("pointReads") + Count("queries") + Count("queryPlans"),
            root.GetProperty("requestUnits").GetProperty("total").GetDouble());

        long Count(string name) => root.GetProperty(name).GetInt64();
    }

    private static double Median(IEnumerable<double> values) => Spread.Of(values).Median;

    private static JsonPath Path(string text) => JsonPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);

    private static CosmosSettings SettingsOf(Store store)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("CosmosConnection", (string?)store.ConnectionString)])
            .Build();
        return SettingsReader.Read(configuration).Cosmos;
    }
}
