using Lookup.Domain.Stores;
using Lookup.Functions.Cosmos.Containers;
using Lookup.Functions.Cosmos.Feed;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lookup.Functions.Cosmos;

/// <summary>
/// The only Cosmos DB client of the process. Reads and the feed share it on purpose: a page of the feed advances the session token that
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
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<CosmosClient> _clients = [];
    private volatile Current _current;

    /// <param name="settings">The settings.</param>
    /// <param name="time">The clock for the check of the container; by default the system's.</param>
    /// <param name="logger">The logger of the check of the container; by default none.</param>
    public CosmosConnection(CosmosSettings settings, TimeProvider? time = null, ILogger? logger = null)
    {
        _settings = settings;
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        DisableMetadataServiceOutsideAzure();
        _current = Connect(1);
    }

    public Container Users => _current.Users;

    /// <summary>Gets the number of the container among those that have had its name, starting at 1.</summary>
    public long Generation => _current.Generation;

    /// <summary>Gets the check of the container, or <see langword="null"/> if its definition is not compared with the settings.</summary>
    public ContainerCheck? Check => _current.Check;

    /// <summary>Runs a read, and runs it again if the container was found to be a new one in the meantime.</summary>
    /// <remarks>
    /// The response by which the old client detects the new container must not be returned. The new client has no session token for it,
    /// so the next read, sent by the new client and served by a lagging replica, could return an earlier state.
    /// </remarks>
    /// <exception cref="UserStoreException">The read failed, or users must not be read from the container.</exception>
    public async ValueTask<T> ReadAsync<T>(Func<Container, Task<T>> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            var current = _current;
            if (current.Check is { } check)
                await check.EnsureAsync(cancellationToken);
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
        // A late response to an old client identifies the old container, and must not be compared with the identity of the new one.
        var watch = new ContainerWatch((kind, identity) => NoteIdentity(generation, (int)kind, identity));
        var options = new CosmosClientOptions
        {
            ApplicationName = "Lookup",
            ConnectionMode = _settings.Mode,
            LimitToEndpoint = _settings.LimitToEndpoint,

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

        if (_settings.Account.AcceptsAnyCertificate)
            options.ServerCertificateCustomValidationCallback = static (_, _, _) => true;

        var endpoint = _settings.Account.Endpoint.ToString();
        var client = _settings.Account.Identity is { } identity
            ? new CosmosClient(endpoint, identity.CreateCredential(), options)
            : new CosmosClient(endpoint, _settings.Account.Key, options);
        _clients.Add(client);
        return new Current(
            generation,
            client.GetContainer(_settings.Database, _settings.Container),
            _settings.PartitionKey is { } partitionKey ? new ContainerCheck(client, _settings, partitionKey, _time, _logger) : null);
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

    private sealed class Current(long generation, Container users, ContainerCheck? check)
    {
        public long Generation { get; } = generation;

        public Container Users { get; } = users;

        public ContainerCheck? Check { get; } = check;

        /// <summary>Gets the identity of the container as reported by each kind of request. Written under the lock.</summary>
        public string?[] Identities { get; } = new string?[Enum.GetValues<ContainerWatch.Kind>().Length];
    }
}
