using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests;

/// <summary>A separate emulator with a container of users, for a test that would disturb other tests.</summary>
internal sealed class OwnEmulator : IAsyncDisposable
{
    private OwnEmulator(CosmosEmulator emulator, CosmosClient client, Container container)
    {
        Emulator = emulator;
        Client = client;
        Container = container;
        Control = new ControlClient(emulator);
        Raw = new RawClient(emulator);
    }

    public CosmosEmulator Emulator { get; }

    public CosmosClient Client { get; }

    public Container Container { get; }

    public ControlClient Control { get; }

    public RawClient Raw { get; }

    /// <summary>Gets the address of the container, without the leading slash.</summary>
    public string Path => $"dbs/{Container.Database.Id}/colls/{Container.Id}";

    public static async Task<OwnEmulator> StartAsync(
        CosmosEmulatorOptions? options = null, Action<CosmosClientOptions>? client = null, Action<ContainerProperties>? container = null, int? throughput = null)
    {
        var emulator = await CosmosEmulator.StartAsync(options ?? new CosmosEmulatorOptions(), TestContext.Current.CancellationToken);
        var connected = Clients.Connect(emulator.ConnectionString, client);
        return new OwnEmulator(emulator, connected, await Containers.CreateAsync(connected, container, throughput));
    }

    public async ValueTask DisposeAsync()
    {
        Raw.Dispose();
        Control.Dispose();
        Client.Dispose();
        await Emulator.DisposeAsync();
    }
}
