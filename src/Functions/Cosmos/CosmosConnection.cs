using Azure.Identity;
using Lookup.Functions.Cosmos.Feed;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>
/// The process's one client. Reader and feed share it on purpose: what the feed has shown moves the session token that the next
/// read sends, so that no read goes to a replica that is behind the feed.
/// </summary>
/// <remarks>
/// A container that was deleted and made anew gets a new client, because the old one keeps what it knew of the old container:
/// its ranges, its session. <see cref="Generation"/> counts them.
/// </remarks>
internal sealed class CosmosConnection : IDisposable
{
    private const int FewestConnections = 64;

    private readonly CosmosSettings _settings;
    private readonly Lock _gate = new();
    private readonly List<CosmosClient> _clients = [];
    private volatile Current _current;

    public CosmosConnection(CosmosSettings settings)
    {
        _settings = settings;
        StayOffMetadataAddressOutsideAzure();
        _current = Connect(1);
    }

    public Container Users => _current.Users;

    /// <summary>Which container this is, of those that have had the name.</summary>
    public long Generation => _current.Generation;

    /// <summary>Reads, and reads again if the container has turned out to be another one meanwhile.</summary>
    /// <remarks>
    /// The response by which the old client notices must not be given out: the new client has no session token for it, so that the next
    /// read, by the new client and answered by a replica that lags, could show what was before it.
    /// </remarks>
    public async ValueTask<T> ReadAsync<T>(Func<Container, Task<T>> read)
    {
        while (true)
        {
            var current = _current;
            var result = await read(current.Users);
            if (ReferenceEquals(current, _current))
                return result;
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _clients.ForEach(client => client.Dispose());
    }

    private Current Connect(long generation)
    {
        // A late answer to an old client says something about the old container: it must not be held against the new one.
        var watch = new ContainerWatch((kind, identity) => NoteIdentity(generation, (int)kind, identity));
        var options = new CosmosClientOptions
        {
            ApplicationName = "Lookup",
            ConnectionMode = _settings.Mode,
            LimitToEndpoint = _settings.IsLocal,

            // Shorter than the deadline, so that who is throttled hears of it, and not that the store was too slow. Whole seconds are
            // all that the client counts in.
            MaxRetryWaitTimeOnRateLimitedRequests = TimeSpan.FromSeconds(Math.Max(1, Math.Floor(_settings.ReadDeadline.TotalSeconds * 0.75))),
            CustomHandlers = { watch, new FeedResponses() },
            UseSystemTextJsonSerializerWithOptions = System.Text.Json.JsonSerializerOptions.Web,
        };
        if (_settings.Mode == ConnectionMode.Gateway)
        {
            // Fewer would be a second, unseen queue behind the bulkhead's, and the feed would wait in it behind reads that hang.
            // One read of many users takes several, one for each physical range.
            options.GatewayModeMaxConnectionLimit = Math.Max(FewestConnections, _settings.Concurrency * 4);
        }

        var client = _settings.Key is { } key
            ? new CosmosClient(_settings.Endpoint.ToString(), key, options)
            : new CosmosClient(
                _settings.Endpoint.ToString(),
                new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = _settings.ClientId }),
                options);
        _clients.Add(client);
        return new Current(generation, client.GetContainer(_settings.Database, _settings.Container));
    }

    private void NoteIdentity(long generation, int kind, string identity)
    {
        var current = _current;
        if (current.Generation != generation || Volatile.Read(ref current.Identities[kind]) == identity)
            return;

        lock (_gate)
        {
            if (_current.Generation != generation)
                return;
            if (_current.Identities[kind] is null)
                Volatile.Write(ref _current.Identities[kind], identity);
            else if (_current.Identities[kind] != identity)
                _current = Connect(generation + 1);
        }
    }

    /// <summary>The client asks an address that only exists inside Azure for a name of the machine, and waits for it.</summary>
    private static void StayOffMetadataAddressOutsideAzure()
    {
        const string Switch = "COSMOS_DISABLE_IMDS_ACCESS";
        string[] signsOfAzure = ["WEBSITE_INSTANCE_ID", "CONTAINER_APP_NAME", "IDENTITY_ENDPOINT", Switch];
        if (Array.TrueForAll(signsOfAzure, name => Environment.GetEnvironmentVariable(name) is null))
            Environment.SetEnvironmentVariable(Switch, "true");
    }

    private sealed class Current(long generation, Container users)
    {
        public long Generation { get; } = generation;

        public Container Users { get; } = users;

        /// <summary>What the container was last called, by the kind of request that told; written under the lock.</summary>
        public string?[] Identities { get; } = new string?[Enum.GetValues<ContainerWatch.Kind>().Length];
    }
}
