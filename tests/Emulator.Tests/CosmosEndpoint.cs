using Lookup.Emulator.Tests;
using Microsoft.Azure.Cosmos;

[assembly: AssemblyFixture(typeof(CosmosEndpoint))]

namespace Lookup.Emulator.Tests;

/// <summary>
/// The endpoint that the contract tests use: the emulator, or the account of the connection string in LOOKUP_TEST_COSMOS.
/// Every test creates its own containers, so that tests can run concurrently.
/// </summary>
public sealed class CosmosEndpoint : IAsyncLifetime
{
    private const int Ranges = 4;

    private static readonly string? AccountInTheCloud = Environment.GetEnvironmentVariable("LOOKUP_TEST_COSMOS");

    private readonly string _databaseId = $"contract-{Guid.NewGuid():N}";
    private CosmosEmulator? _emulator;
    private Database? _database;

    public CosmosClient Client { get; private set; } = null!;

    public string ConnectionString { get; private set; } = "";

    public bool IsEmulator => _emulator is not null;

    public CosmosEmulator Emulator
    {
        get
        {
            Assert.SkipWhen(_emulator is null, "This test requires the emulator, but LOOKUP_TEST_COSMOS specifies another endpoint.");
            return _emulator!;
        }
    }

    public Database Database => _database!;

    public async ValueTask InitializeAsync()
    {
        if (string.IsNullOrEmpty(AccountInTheCloud)) _emulator = await CosmosEmulator.StartAsync(new CosmosEmulatorOptions { Ranges = Ranges });
        ConnectionString = _emulator?.ConnectionString ?? AccountInTheCloud!;
        Client = Clients.Connect(ConnectionString);
        _database = await Client.CreateDatabaseIfNotExistsAsync(_databaseId);
    }

    public async Task<Container> NewContainerAsync(Action<ContainerProperties>? configure = null)
    {
        return await Containers.CreateAsync(Database, configure);
    }

    public async ValueTask DisposeAsync()
    {
        if (_emulator is null && _database is not null) await _database.DeleteAsync();
        Client?.Dispose();
        if (_emulator is not null) await _emulator.DisposeAsync();
    }
}
