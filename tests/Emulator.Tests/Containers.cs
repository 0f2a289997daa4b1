using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests;

/// <summary>Creates containers of users with unique names.</summary>
internal static class Containers
{
    public const string KeyPath = "/userId";

    public static async Task<Container> CreateAsync(Database database, Action<ContainerProperties>? configure = null, int? throughput = null)
    {
        var properties = new ContainerProperties($"c{Guid.NewGuid():N}", KeyPath);
        configure?.Invoke(properties);
        return await database.CreateContainerAsync(properties, throughput, cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>Creates a container in an endpoint that might not have a database yet.</summary>
    public static async Task<Container> CreateAsync(CosmosClient client, Action<ContainerProperties>? configure = null, int? throughput = null)
    {
        var database = await client.CreateDatabaseIfNotExistsAsync("lookup", cancellationToken: TestContext.Current.CancellationToken);
        return await CreateAsync(database.Database, configure, throughput);
    }
}
