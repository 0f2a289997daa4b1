using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests;

/// <summary>Creates clients of the SDK with the same configuration as in the service.</summary>
internal static class Clients
{
    public static CosmosClient Connect(string connectionString, Action<CosmosClientOptions>? configure = null)
    {
        var options = new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            UseSystemTextJsonSerializerWithOptions = new JsonSerializerOptions { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull },
        };
        configure?.Invoke(options);
        return new CosmosClient(connectionString, options);
    }
}
