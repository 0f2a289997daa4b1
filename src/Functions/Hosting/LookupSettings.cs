using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Http;
using Lookup.Functions.Probe;
using Lookup.Functions.Resilience;
using Lookup.Functions.SharedTier;

namespace Lookup.Functions.Hosting;

/// <summary>All settings of the service, read and validated once, before startup.</summary>
internal sealed record LookupSettings
{
    /// <summary>Gets the settings of the connection to the store.</summary>
    public required CosmosSettings Cosmos { get; init; }

    /// <summary>Gets the shape of a user document: partition key, alternate keys and hidden fields.</summary>
    public required DocumentShape Shape { get; init; }

    /// <summary>Gets the options of the cache, including the staleness bound.</summary>
    public required UserCacheOptions Cache { get; init; }

    /// <summary>Gets the options of the change feed follower.</summary>
    public required FollowerOptions Follower { get; init; }

    /// <summary>Gets the options that limit the impact of a slow, unhealthy or overloaded store.</summary>
    public required StoreGuardOptions Guard { get; init; }

    /// <summary>Gets the settings of the consistency probe.</summary>
    public required ProbeOptions Probe { get; init; }

    /// <summary>Gets the settings of the HTTP interface, including the keys.</summary>
    public required HttpOptions Http { get; init; }

    /// <summary>Gets the settings of the shared tier.</summary>
    public required SharedTierSettings SharedTier { get; init; }

    /// <summary>Gets the numbers of connections.</summary>
    public required ConnectionSettings Connections { get; init; }

    /// <summary>Gets a value that indicates whether the page at <c>/api/docs/</c>, which requires no key, is served.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public required bool ApiReference { get; init; }

    /// <summary>
    /// Gets the configured names that are not settings and do not prevent startup: those under <c>Lookup__</c> that resemble no setting, and
    /// others that resemble one but may belong to another program. Each is logged as a warning.
    /// </summary>
    public required IReadOnlyList<string> Unknown { get; init; }
}

/// <summary>The numbers of connections.</summary>
internal sealed record ConnectionSettings
{
    /// <summary>Gets the maximum number of connections. A few more are accepted for health requests only.</summary>
    /// <value>
    /// 1 to 1,000,000, and not more than <see cref="ConnectionCapacity.Max"/>. The default is 16,384, or <see cref="ConnectionCapacity.Default"/> if
    /// that is less.
    /// </value>
    public required int Max { get; init; }

    /// <summary>
    /// Gets the maximum number of connections of one remote address. It is not enforced behind the Functions host, because all connections
    /// then come from the host's address.
    /// </summary>
    /// <value>1 to <see cref="Max"/>. The default is seven eighths of <see cref="Max"/>.</value>
    public required int MaxPerAddress { get; init; }

    /// <summary>
    /// Gets the text of a warning, if the setting was lowered or the process has too few handles or too little memory; otherwise
    /// <see langword="null"/>.
    /// </summary>
    public required string? Warning { get; init; }
}
