using Lookup.Domain.Stores;
using Lookup.Functions.Cosmos.Containers;
using Lookup.Functions.Cosmos.Documents;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lookup.Functions.Cosmos;

/// <summary>
/// The connection to the account. Reads and the feed share one Cosmos DB client on purpose: a page of the feed advances the session token that
/// the next read sends, so that no read is served by a replica that is behind the feed.
/// </summary>
/// <remarks>
/// If the container is deleted and recreated, a new client is created, because the old one retains state of the old container: its
/// ranges and its session. <see cref="Generation"/> counts the clients.
/// </remarks>
internal sealed class CosmosConnection : IDisposable
{
    private const int MinConnections = 64;

    /// <summary>Gets the maximum number of connections to the store for a number of concurrent reads.</summary>
    public static int MaxConnectionsFor(int concurrency) => Math.Max(MinConnections, concurrency * 4);

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

    /// <summary>
    /// Gets the generation of the container: 1 at startup, and one more each time this process detects that the container was recreated.
    /// </summary>
    public long Generation => _current.Generation;

    /// <summary>Gets the check of the container, or <see langword="null"/> if its definition is not compared with the settings.</summary>
    public ContainerCheck? Check => _current.Check;

    /// <summary>Gets the rule by which items expire.</summary>
    public ItemExpiry Expiry => _current.Check?.State.Expiry ?? ItemExpiry.Unknown;

    /// <summary>
    /// Returns the identity of a log by its number: the same text in every instance that is connected to the same address, and another one for a
    /// recreated container. It neither blocks nor throws.
    /// </summary>
    /// <param name="log">The number of the log, which is a generation.</param>
    /// <returns>The identity, or <see langword="null"/> if it is not known, or the container no longer exists.</returns>
    /// <remarks>
    /// The definition is read again after the first page of the feed. Otherwise, it could be that of an old container while the feed follows a new
    /// one, and entries of the old container would seem to be covered.
    /// </remarks>
    public string? LogIdentityOf(long log)
    {
        var current = _current;
        if (current.Generation != log
            || current.Check is null
            || current.IdentityOf(ContainerWatch.Kind.Definition) is null
            || current.IdentityOf(ContainerWatch.Kind.Feed) is null)
        {
            return null;
        }

        if (Volatile.Read(ref current.LogIdentity) is { } identity)
            return identity;
        if (!Interlocked.Exchange(ref current.IsIdentifying, true))
            _ = IdentifyAsync(current, current.Check);
        return null;
    }

    /// <summary>
    /// Returns the identity of the container whose definition was read by a log's client, or <see langword="null"/> if it is not known (yet). Unlike
    /// <see cref="LogIdentityOf"/>, the log that the feed then follows can be another one, if the container is recreated in between: a position of the old
    /// container is then rejected.
    /// </summary>
    /// <param name="log">The number of the log.</param>
    public string? DefinitionOf(long log)
    {
        var current = _current;
        return current.Generation == log && current.IdentityOf(ContainerWatch.Kind.Definition) is { } id ? IdentityOf(id) : null;
    }

    /// <summary>Returns the time of a response by Cosmos DB's clock or, if the response does not contain it, by that of this machine.</summary>
    /// <param name="date">The time in the response.</param>
    public DateTimeOffset TimeOf(DateTimeOffset? date) => date ?? _time.GetUtcNow();

    /// <summary>Runs a read, and repeats it if a response showed in the meantime that the container was recreated.</summary>
    /// <param name="read">The read, which gets the container and the number of its log, which is the generation.</param>
    /// <param name="cancellationToken">A token that includes the deadline of the read.</param>
    /// <remarks>
    /// The response by which the old client detected the new container must not be returned. The new client starts without a session token, so
    /// a lagging replica could serve its next read, with an older state than that response.
    /// </remarks>
    /// <exception cref="UserStoreException">The read failed, or users must not be read from the container.</exception>
    public ValueTask<T> ReadAsync<T>(Func<Container, long, Task<T>> read, CancellationToken cancellationToken) =>
        ReadAsync(static current => current.Users, read, cancellationToken);

    /// <summary>Runs a read that sends a session token of a caller, with a client that is used for nothing else.</summary>
    /// <param name="read">The read, which gets the container and the number of its log.</param>
    /// <param name="cancellationToken">A token that includes the deadline of the read.</param>
    /// <remarks>
    /// If such a token is ahead of the store, the client forgets the session of all ranges. The reads and the feed of the instance rely on
    /// their session, so they must not share it.
    /// </remarks>
    /// <exception cref="UserStoreException">The read failed, or users must not be read from the container.</exception>
    public ValueTask<T> ReadInSessionAsync<T>(Func<Container, long, Task<T>> read, CancellationToken cancellationToken) =>
        ReadAsync(static current => current.UsersInSession, read, cancellationToken);

    public void Dispose()
    {
        lock (_gate)
            _clients.ForEach(client => client.Dispose());
    }

    private async ValueTask<T> ReadAsync<T>(
        Func<Current, Container> container, Func<Container, long, Task<T>> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            var current = _current;
            if (current.Check is { } check)
                await check.EnsureAsync(cancellationToken);
            var result = await read(container(current), current.Generation);
            if (ReferenceEquals(current, _current))
                return result;
        }
    }

    private Current Connect(long generation)
    {
        var client = CreateClient(generation);
        return new Current(
            generation,
            UsersOf(client),
            _settings.PartitionKey is { } partitionKey
                ? new ContainerCheck(
                    client, _settings, partitionKey, id => NoteIdentity(generation, ContainerWatch.Kind.Definition, id), _time, _logger)
                : null,
            new Lazy<Container>(() => UsersOf(CreateClient(generation))));
    }

    private Container UsersOf(CosmosClient client) => client.GetContainer(_settings.Database, _settings.Container);

    private CosmosClient CreateClient(long generation)
    {
        // A late response to an old client identifies the old container, and must not be compared with the identity of the new one.
        var watch = new ContainerWatch((kind, identity) => NoteIdentity(generation, kind, identity));
        var options = new CosmosClientOptions
        {
            ApplicationName = "Lookup",
            ConnectionMode = _settings.Mode,
            LimitToEndpoint = _settings.LimitToEndpoint,

            // Shorter than the read deadline, so that a throttled request fails as throttled rather than as timed out. The SDK counts
            // in whole seconds.
            MaxRetryWaitTimeOnRateLimitedRequests = TimeSpan.FromSeconds(Math.Max(1, Math.Floor(_settings.ReadDeadline.TotalSeconds * 0.75))),
            CustomHandlers = { watch, new ResponseObserver() },
            UseSystemTextJsonSerializerWithOptions = System.Text.Json.JsonSerializerOptions.Web,
        };
        if (_settings.Mode == ConnectionMode.Gateway)
        {
            // With fewer connections, the SDK would queue requests that the bulkhead has already admitted, and polls of the feed would wait
            // there for reads that hang. A read of several users uses one connection for each physical range.
            options.GatewayModeMaxConnectionLimit = MaxConnectionsFor(_settings.Concurrency);
        }

        if (_settings.Account.AcceptsAnyCertificate)
            options.ServerCertificateCustomValidationCallback = static (_, _, _) => true;

        var endpoint = _settings.Account.Endpoint.ToString();
        var client = _settings.Account.Identity is { } identity
            ? new CosmosClient(endpoint, identity.CreateCredential(), options)
            : new CosmosClient(endpoint, _settings.Account.Key, options);
        lock (_gate)
            _clients.Add(client);
        return client;
    }

    private void NoteIdentity(long generation, ContainerWatch.Kind kind, string identity)
    {
        var current = _current;
        if (current.Generation != generation || current.IdentityOf(kind) == identity)
            return;

        lock (_gate)
        {
            if (_current.Generation != generation)
                return;

            var identities = _current.Identities;
            if (identities[(int)kind] is { } known)
            {
                if (known != identity)
                    _current = Connect(generation + 1);
            }
            else if (kind != ContainerWatch.Kind.Definition || identities[(int)ContainerWatch.Kind.Item] is null)
            {
                // Items that were read before the definition could be may be from an older container, so the log has no identity then.
                Volatile.Write(ref identities[(int)kind], identity);
            }
        }
    }

    private async Task IdentifyAsync(Current current, ContainerCheck check)
    {
        // If the id has changed, the connection has another generation by now.
        if (await check.ReadAgainAsync() is { } id && id == current.IdentityOf(ContainerWatch.Kind.Definition))
            Volatile.Write(ref current.LogIdentity, IdentityOf(id));
        Volatile.Write(ref current.IsIdentifying, false);
    }

    private string IdentityOf(string containerId) => $"{_settings.Account.Endpoint.Authority}/{_settings.Database}/{containerId}";

    /// <summary>
    /// Prevents the SDK from asking the Azure Instance Metadata Service (IMDS) for the name of the machine. Outside Azure, that service does
    /// not exist, and the SDK would wait for it.
    /// </summary>
    private static void DisableMetadataServiceOutsideAzure()
    {
        const string Switch = "COSMOS_DISABLE_IMDS_ACCESS";
        string[] azureVariables = ["WEBSITE_INSTANCE_ID", "CONTAINER_APP_NAME", "IDENTITY_ENDPOINT", Switch];
        if (Array.TrueForAll(azureVariables, name => Environment.GetEnvironmentVariable(name) is null))
            Environment.SetEnvironmentVariable(Switch, "true");
    }

    /// <summary>The client of a generation, and what is known about its container.</summary>
    private sealed class Current(long generation, Container users, ContainerCheck? check, Lazy<Container> usersInSession)
    {
        public long Generation { get; } = generation;

        public Container Users { get; } = users;

        public ContainerCheck? Check { get; } = check;

        /// <summary>Gets the container of the client for the session tokens of callers. The client is created on first use.</summary>
        public Container UsersInSession => usersInSession.Value;

        /// <summary>The identity of the log, when it is known.</summary>
        public string? LogIdentity;

        /// <summary>A value that indicates whether the definition is being read for <see cref="LogIdentity"/>.</summary>
        public bool IsIdentifying;

        /// <summary>Gets the identity of the container as reported by each kind of request. Written under the lock.</summary>
        public string?[] Identities { get; } = new string?[Enum.GetValues<ContainerWatch.Kind>().Length];

        public string? IdentityOf(ContainerWatch.Kind kind) => Volatile.Read(ref Identities[(int)kind]);
    }
}
