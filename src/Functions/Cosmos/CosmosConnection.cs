using Azure.Identity;
using Lookup.Functions.Cosmos.Feed;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>
/// The Cosmos DB client of the process. Reads and the feed share it on purpose: a page of the feed advances the session token that
/// the next read sends, so that no read is served by a replica that is behind the feed.
/// </summary>
/// <remarks>
/// If the container is deleted and recreated, a new client is created, because the old one retains state of the old container: its
/// ranges and its session. <see cref="Generation"/> counts the clients.
/// </remarks>
internal sealed class CosmosConnection : IDisposable
{
    private const int MinConnections = 64;

    private readonly CosmosSettings _settings;
    private readonly Lock _gate = new();
    private readonly List<CosmosClient> _clients = [];
    private volatile Current _current;

    public CosmosConnection(CosmosSettings settings)
    {
        _settings = settings;
        DisableMetadataServiceOutsideAzure();
        _current = Connect(1);
    }

    public Container Users => _current.Users;

    /// <summary>Gets the number of the container among those that have had its name, starting at 1.</summary>
    public long Generation => _current.Generation;

    /// <summary>Runs a read, and runs it again if the container was found to be a new one in the meantime.</summary>
    /// <remarks>
    /// The response by which the old client detects the new container must not be returned. The new client has no session token for it,
    /// so the next read, sent by the new client and served by a lagging replica, could return an earlier state.
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

    /// <summary>Runs a read that sends a session token of a caller, with a client that is used for nothing else.</summary>
    /// <remarks>
    /// If such a token is ahead of the store, the client forgets the session of all ranges. The reads and the feed of the instance rely on
    /// their session, so they must not share it.
    /// </remarks>
    public async ValueTask<T> ReadInSessionAsync<T>(Func<Container, Task<T>> read)
    {
        while (true)
        {
            var current = _current;
            var result = await read(current.UsersInSession);
            if (ReferenceEquals(current, _current))
                return result;
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _clients.ForEach(client => client.Dispose());
    }

    private Current Connect(long generation) => new(
        generation, CreateClient(generation), new Lazy<Container>(() => CreateClient(generation)));

    private Container CreateClient(long generation)
    {
        // A late response to an old client identifies the old container, and must not be compared with the identity of the new one.
        var watch = new ContainerWatch((kind, identity) => NoteIdentity(generation, (int)kind, identity));
        var options = new CosmosClientOptions
        {
            ApplicationName = "Lookup",
            ConnectionMode = _settings.Mode,
            LimitToEndpoint = _settings.IsLocal,

            // Shorter than the read deadline, so that a throttled request fails as throttled rather than as timed out. The SDK counts
            // in whole seconds.
            MaxRetryWaitTimeOnRateLimitedRequests = TimeSpan.FromSeconds(Math.Max(1, Math.Floor(_settings.ReadDeadline.TotalSeconds * 0.75))),
            CustomHandlers = { watch, new FeedResponses() },
            UseSystemTextJsonSerializerWithOptions = System.Text.Json.JsonSerializerOptions.Web,
        };
        if (_settings.Mode == ConnectionMode.Gateway)
        {
            // With fewer connections there would be a second, hidden queue behind that of the bulkhead, and the feed would wait in it
            // behind hung reads. A read of several users uses one connection for each physical range.
            options.GatewayModeMaxConnectionLimit = Math.Max(MinConnections, _settings.Concurrency * 4);
        }

        var client = _settings.Key is { } key
            ? new CosmosClient(_settings.Endpoint.ToString(), key, options)
            : new CosmosClient(
                _settings.Endpoint.ToString(),
                new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = _settings.ClientId }),
                options);
        lock (_gate)
            _clients.Add(client);
        return client.GetContainer(_settings.Database, _settings.Container);
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

    /// <summary>
    /// Keeps the SDK from requesting, and waiting for, the name of the machine from an address that exists only in Azure.
    /// </summary>
    private static void DisableMetadataServiceOutsideAzure()
    {
        const string Switch = "COSMOS_DISABLE_IMDS_ACCESS";
        string[] azureVariables = ["WEBSITE_INSTANCE_ID", "CONTAINER_APP_NAME", "IDENTITY_ENDPOINT", Switch];
        if (Array.TrueForAll(azureVariables, name => Environment.GetEnvironmentVariable(name) is null))
            Environment.SetEnvironmentVariable(Switch, "true");
    }

    private sealed class Current(long generation, Container users, Lazy<Container> usersInSession)
    {
        public long Generation { get; } = generation;

        public Container Users { get; } = users;

        /// <summary>Gets the container of the client for the session tokens of callers. The client is created on first use.</summary>
        public Container UsersInSession => usersInSession.Value;

        /// <summary>Gets the identity of the container as reported by each kind of request. Written under the lock.</summary>
        public string?[] Identities { get; } = new string?[Enum.GetValues<ContainerWatch.Kind>().Length];
    }
}
