using System.Text.Json;
using Lookup.Emulator;
using Lookup.Local.Seeding;
using Microsoft.Azure.Cosmos;

namespace Lookup.Local;

/// <summary>The local Cosmos DB endpoint with the users' container, and a client for it.</summary>
internal sealed class LocalStore : IAsyncDisposable
{
    public const string Database = "lookup";
    public const string ContainerName = "users";
    public const string PartitionKeyPath = "/id";

    private readonly CosmosEmulator _emulator;
    private readonly CosmosClient _client;

    private LocalStore(CosmosEmulator emulator, CosmosClient client)
    {
        _emulator = emulator;
        _client = client;
        Users = client.GetContainer(Database, ContainerName);
    }

    public Uri Endpoint => _emulator.Endpoint;

    public string ConnectionString => _emulator.ConnectionString;

    /// <summary>
    /// Gets the users' container, with a client that the service does not share, so that they exchange no session tokens.
    /// </summary>
    public Container Users { get; }

    /// <summary>Starts the endpoint and creates the database and the container.</summary>
    /// <exception cref="LocalRunException">The port is not available.</exception>
    public static async Task<LocalStore> StartAsync(int port, int ranges, CancellationToken cancellation)
    {
        var emulator = await StartEmulatorAsync(port, ranges, cancellation);
        var store = new LocalStore(emulator, Connect(emulator));
        try
        {
            var database = await store._client.CreateDatabaseIfNotExistsAsync(Database, cancellationToken: cancellation);
            await database.Database.CreateContainerIfNotExistsAsync(ContainerName, PartitionKeyPath, cancellationToken: cancellation);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="UserSeeder.WriteAsync"/>
    public Task SeedAsync(int count, Action<int> onWritten, CancellationToken cancellation) =>
        UserSeeder.WriteAsync(Users, count, onWritten, cancellation);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _emulator.DisposeAsync();
    }

    private static async Task<CosmosEmulator> StartEmulatorAsync(int port, int ranges, CancellationToken cancellation)
    {
        try
        {
            return await CosmosEmulator.StartAsync(new CosmosEmulatorOptions { Port = port, Ranges = ranges }, cancellation);
        }
        catch (IOException cause)
        {
            throw Ports.NotFree(port, "the Cosmos DB endpoint", "--cosmos-port", cause);
        }
    }

    private static CosmosClient Connect(CosmosEmulator emulator) => new(emulator.ConnectionString, new CosmosClientOptions
    {
        ApplicationName = "lookup-local",
        ConnectionMode = ConnectionMode.Gateway,
        UseSystemTextJsonSerializerWithOptions = JsonSerializerOptions.Web,
    });
}
