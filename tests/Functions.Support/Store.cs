using System.Text;
using System.Text.Json;
using Lookup.Emulator;
using Lookup.Support;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Support;

/// <summary>A local Cosmos DB endpoint with a container of users, and a separate client that changes them.</summary>
public sealed class Store : IAsyncDisposable
{
    /// <summary>The number of physical partitions of the container, unless a test sets another one.</summary>
    public const int Ranges = 4;

    private readonly CosmosEmulator _emulator;
    private readonly CosmosClient _client;
    private readonly HttpClient _control;

    private Store(CosmosEmulator emulator)
    {
        Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");
        _emulator = emulator;
        _client = new CosmosClient(emulator.ConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            UseSystemTextJsonSerializerWithOptions = JsonSerializerOptions.Web,
        });
        _control = new HttpClient { BaseAddress = emulator.Endpoint };
        Users = _client.GetContainer("lookup", "users");
    }

    public Container Users { get; }

    public string ConnectionString => _emulator.ConnectionString;

    public Uri Endpoint => _emulator.Endpoint;

    /// <summary>Starts an endpoint, and creates the container.</summary>
    /// <param name="partitionKeyPath">The path of the partition key.</param>
    /// <param name="key">The account key.</param>
    /// <param name="time">The clock of the endpoint, which also measures the delays of faults.</param>
    /// <param name="ranges">The number of physical partitions of the container.</param>
    public static async Task<Store> StartAsync(
        string partitionKeyPath = "/id", string key = CosmosEmulator.AccountKey, TimeProvider? time = null, int ranges = Ranges)
    {
        var options = new CosmosEmulatorOptions { Ranges = ranges, Key = key, TimeProvider = time ?? TimeProvider.System };
        var store = new Store(await CosmosEmulator.StartAsync(options, Cancel.Token));
        await store.CreateContainerAsync(partitionKeyPath);
        return store;
    }

    public Task CreateContainerAsync() => CreateContainerAsync("/id");

    /// <summary>Creates the container; with several partition key paths, its partition key is hierarchical.</summary>
    public async Task CreateContainerAsync(params string[] partitionKeyPaths)
    {
        Database database = await _client.CreateDatabaseIfNotExistsAsync("lookup", cancellationToken: Cancel.Token);
        var properties = partitionKeyPaths is [var path] ? new ContainerProperties("users", path) : new ContainerProperties("users", partitionKeyPaths);
        await database.CreateContainerIfNotExistsAsync(properties, cancellationToken: Cancel.Token);
    }

    public Task DeleteContainerAsync() => Users.DeleteContainerAsync(cancellationToken: Cancel.Token);

    /// <summary>Writes a user with the given JSON.</summary>
    public async Task PutAsync(string json, string partitionKey)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(json));
        using var response = await Users.UpsertItemStreamAsync(body, new PartitionKey(partitionKey), cancellationToken: Cancel.Token);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Writes a user with the given email and version.</summary>
    public Task PutUserAsync(string id, int version = 1, string? email = null) =>
        PutAsync(JsonSerializer.Serialize(new { id, email = email ?? $"{id}@example.com", version }), id);

    public async Task DeleteAsync(string id)
    {
        using var response = await Users.DeleteItemStreamAsync(id, new PartitionKey(id), cancellationToken: Cancel.Token);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Gets the number of received requests of a kind: <c>pointReads</c>, <c>queries</c>, <c>feedPolls</c> or <c>writes</c>.</summary>
    public async Task<long> CountAsync(string kind)
    {
        using var stats = JsonDocument.Parse(await _control.GetStringAsync("_emulator/stats", Cancel.Token));
        return stats.RootElement.GetProperty(kind).GetInt64();
    }

    /// <summary>Adds a fault that fails or delays requests, such as <c>{"operation":"pointRead","status":503}</c>.</summary>
    public async Task AddFaultAsync(string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await _control.PostAsync("_emulator/faults", content, Cancel.Token);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Gets the number of requests that the added faults have affected.</summary>
    public async Task<int> FaultHitsAsync()
    {
        using var json = JsonDocument.Parse(await _control.GetStringAsync("_emulator/faults", Cancel.Token));
        return json.RootElement.GetProperty("faults").EnumerateArray().Sum(fault => fault.GetProperty("hits").GetInt32());
    }

    /// <summary>Splits a physical range. Returns the ids of its children, the lower one first.</summary>
    public async Task<(string Lower, string Upper)> SplitAsync(string range)
    {
        using var content = new StringContent(
            JsonSerializer.Serialize(new { database = "lookup", container = "users", range }), Encoding.UTF8, "application/json");
        using var response = await _control.PostAsync("_emulator/splits", content, Cancel.Token);
        response.EnsureSuccessStatusCode();
        using var split = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel.Token));
        var children = split.RootElement.GetProperty("children");
        return (children[0].GetString()!, children[1].GetString()!);
    }

    /// <summary>Merges two adjacent physical ranges. Returns the id of the merged range.</summary>
    public async Task<string> MergeAsync(string range, string adjacent)
    {
        using var content = new StringContent(
            JsonSerializer.Serialize(new { database = "lookup", container = "users", ranges = new[] { range, adjacent } }), Encoding.UTF8, "application/json");
        using var response = await _control.PostAsync("_emulator/merges", content, Cancel.Token);
        response.EnsureSuccessStatusCode();
        using var merge = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel.Token));
        return merge.RootElement.GetProperty("child").GetString()!;
    }

    /// <summary>Gets the id of the physical range that contains a user.</summary>
    public async Task<string> RangeOfAsync(string id)
    {
        using var response = await Users.ReadItemStreamAsync(id, new PartitionKey(id), cancellationToken: Cancel.Token);
        return response.Headers["x-ms-documentdb-partitionkeyrangeid"];
    }

    /// <summary>Deletes the container and recreates it empty.</summary>
    public async Task RecreateContainerAsync(string partitionKeyPath = "/id")
    {
        await DeleteContainerAsync();
        await CreateContainerAsync(partitionKeyPath);
    }

    /// <summary>Sets the maximum replication lag from now on.</summary>
    public Task SetLagAsync(TimeSpan lag) => PutControlAsync("lag", new { maxMs = (int)lag.TotalMilliseconds, seed = 1 });

    /// <summary>Sets the time after which the deletion of an item that has expired reaches the change feed.</summary>
    public Task SetTimeToLiveDelayAsync(TimeSpan delay) => PutControlAsync("ttl-delay", new { delayMs = (int)delay.TotalMilliseconds });

    /// <summary>Sets the address that the account names, to which clients then send their requests.</summary>
    public Task SetAccountAddressAsync(string endpoint) => PutControlAsync("account", new { endpoint });

    /// <summary>Sets whether the account says that several regions accept writes.</summary>
    public Task SetMultipleWriteLocationsAsync(bool multipleWriteLocations) => PutControlAsync("account", new { multipleWriteLocations });

    /// <summary>Sets the clock that checks the dates of requests ahead of the real time.</summary>
    public Task SetClockAheadAsync(TimeSpan ahead) => PutControlAsync("clock", new { aheadMs = (int)ahead.TotalMilliseconds });

    public async Task ClearFaultsAsync()
    {
        using var response = await _control.DeleteAsync("_emulator/faults", Cancel.Token);
        response.EnsureSuccessStatusCode();
    }

    private async Task PutControlAsync(string route, object body)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await _control.PutAsync($"_emulator/{route}", content, Cancel.Token);
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        _client.Dispose();
        await _emulator.DisposeAsync();
    }
}
