using System.Text.Json;
using Lookup.Emulator;
using Lookup.Benchmarks.Http.Processes;
using Microsoft.Azure.Cosmos;
using User = Lookup.Benchmarks.Http.Servers.User;

namespace Lookup.Benchmarks.Http;

/// <summary>A local Cosmos DB endpoint in a separate process, with a container of users in four ranges.</summary>
internal sealed class Store : IAsyncDisposable
{
    public const int Ranges = 4;

    private readonly ServerProcess _process;
    private readonly CosmosClient _client;

    private Store(ServerProcess process)
    {
        Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");
        _process = process;
        _client = Connect();
        Users = _client.GetContainer("lookup", "users");
    }

    public Uri Endpoint => _process.Address;

    public string ConnectionString => $"AccountEndpoint={Endpoint};AccountKey={CosmosEmulator.AccountKey};";

    /// <summary>Gets the container, through a client with the same settings as in the service.</summary>
    public Container Users { get; }

    public static async Task<Store> StartAsync(Cpus cpus, CancellationToken cancellation)
    {
        var store = new Store(await ServerProcess.StartAsync([.. Programs.Emulator, "--port", "0", "--ranges", $"{Ranges}"], cpus.Load, cancellation));
        Database database = await store._client.CreateDatabaseIfNotExistsAsync("lookup", cancellationToken: cancellation);
        await database.CreateContainerIfNotExistsAsync(new ContainerProperties("users", "/id"), cancellationToken: cancellation);
        return store;
    }

    /// <summary>Creates another client with the same settings as in the service.</summary>
    public CosmosClient Connect() => new(ConnectionString, new CosmosClientOptions
    {
        ApplicationName = "Lookup",
        ConnectionMode = ConnectionMode.Gateway,
        LimitToEndpoint = true,
        UseSystemTextJsonSerializerWithOptions = JsonSerializerOptions.Web,
    });

    public Task PutAsync(IEnumerable<User> users, CancellationToken cancellation) =>
        Parallel.ForEachAsync(users, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation }, async (user, stop) =>
        {
            using var json = new MemoryStream(user.ToJson());
            using var response = await Users.UpsertItemStreamAsync(json, new PartitionKey(user.Id), cancellationToken: stop);
            response.EnsureSuccessStatusCode();
        });

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
    }
}
