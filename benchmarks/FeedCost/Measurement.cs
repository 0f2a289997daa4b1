using Lookup.Emulator;
using Microsoft.Azure.Cosmos;

namespace Lookup.Benchmarks.FeedCost;

/// <summary>The endpoints, the services and the lookups of all cells.</summary>
internal static class Measurement
{
    public static async Task<IReadOnlyList<CellResult>> RunAsync(Plan plan, CancellationToken cancellationToken)
    {
        Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");
        var endpoints = new Dictionary<int, CosmosEmulator>();
        var runs = new List<CellRun>();
        try
        {
            foreach (var ranges in Plan.Ranges)
            {
                Console.Error.WriteLine($"Writes the users of the endpoint with {ranges} feed ranges.");
                endpoints[ranges] = await CosmosEmulator.StartAsync(new CosmosEmulatorOptions { Ranges = ranges }, cancellationToken);
                await PopulateAsync(endpoints[ranges], plan.Cells.Max(cell => cell.Users), cancellationToken);
            }

            foreach (var cell in plan.Cells)
                runs.Add(await CellRun.StartAsync(cell, endpoints[cell.Ranges].ConnectionString, plan, cancellationToken));

            Console.Error.WriteLine($"{runs.Count} cells with two services each: {plan.WarmUp.TotalSeconds} s of warm-up, then {plan.Time.TotalSeconds} s.");
            await Task.WhenAll(runs.Select(run => run.LookUpAsync(plan.WarmUp, cancellationToken)));
            runs.ForEach(run => run.Begin());
            await Task.WhenAll(runs.Select(run => run.LookUpAsync(plan.Time, cancellationToken)));
            return [.. runs.Select(run => run.Result)];
        }
        finally
        {
            foreach (var run in runs)
                await run.DisposeAsync();
            foreach (var endpoint in endpoints.Values)
                await endpoint.DisposeAsync();
        }
    }

    private static async Task PopulateAsync(CosmosEmulator endpoint, int users, CancellationToken cancellationToken)
    {
        using var client = new CosmosClient(endpoint.ConnectionString, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true });
        Database database = await client.CreateDatabaseIfNotExistsAsync("lookup", cancellationToken: cancellationToken);
        Container container = await database.CreateContainerIfNotExistsAsync("users", "/id", cancellationToken: cancellationToken);
        await Parallel.ForEachAsync(Enumerable.Range(0, users), cancellationToken, async (i, token) =>
        {
            using var body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($"{{\"id\":\"u{i}\",\"version\":1}}"));
            using var response = await container.UpsertItemStreamAsync(body, new PartitionKey($"u{i}"), cancellationToken: token);
            response.EnsureSuccessStatusCode();
        });
    }
}

/// <summary>The reads of a cache that reads a user again after a fixed time.</summary>
internal sealed class TimeToLiveCache(TimeSpan timeToLive)
{
    private readonly Dictionary<int, TimeSpan> _readAt = [];

    public int Reads { get; private set; }

    public void LookUp(int user, TimeSpan now)
    {
        if (_readAt.TryGetValue(user, out var last) && now - last <= timeToLive)
            return;

        Reads++;
        _readAt[user] = now;
    }
}
