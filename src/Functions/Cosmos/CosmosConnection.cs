using Azure.Identity;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>
/// The process's one client. Reader and feed share it on purpose: what the feed has shown moves the session token that the next
/// read sends, so that no read goes to a replica that is behind the feed.
/// </summary>
internal sealed class CosmosConnection : IDisposable
{
    private readonly CosmosClient _client;

    public CosmosConnection(CosmosSettings settings)
    {
        StayOffMetadataAddressOutsideAzure();
        var options = new CosmosClientOptions
        {
            ApplicationName = "Lookup",
            ConnectionMode = settings.Mode,
            LimitToEndpoint = settings.IsLocal,
            UseSystemTextJsonSerializerWithOptions = System.Text.Json.JsonSerializerOptions.Web,
        };
        _client = settings.Key is { } key
            ? new CosmosClient(settings.Endpoint.ToString(), key, options)
            : new CosmosClient(
                settings.Endpoint.ToString(),
                new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = settings.ClientId }),
                options);
        Users = _client.GetContainer(settings.Database, settings.Container);
    }

    public Container Users { get; }

    public void Dispose() => _client.Dispose();

    /// <summary>The client asks an address that only exists inside Azure for a name of the machine, and waits for it.</summary>
    private static void StayOffMetadataAddressOutsideAzure()
    {
        const string Switch = "COSMOS_DISABLE_IMDS_ACCESS";
        string[] signsOfAzure = ["WEBSITE_INSTANCE_ID", "CONTAINER_APP_NAME", "IDENTITY_ENDPOINT", Switch];
        if (Array.TrueForAll(signsOfAzure, name => Environment.GetEnvironmentVariable(name) is null))
            Environment.SetEnvironmentVariable(Switch, "true");
    }
}
