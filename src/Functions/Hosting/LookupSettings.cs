using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Http;
using Lookup.Functions.Probe;
using Lookup.Functions.Resilience;

namespace Lookup.Functions.Hosting;

/// <summary>All settings of the service, read once and checked before anything starts.</summary>
internal sealed record LookupSettings
{
    /// <summary>Where the store is, and how to reach it.</summary>
    public required CosmosSettings Cosmos { get; init; }

    /// <summary>What a user document looks like: partition key, alternate keys, hidden fields.</summary>
    public required DocumentShape Shape { get; init; }

    /// <summary>The bounds of the promise.</summary>
    public required UserCacheOptions Cache { get; init; }

    /// <summary>How the change feed is followed.</summary>
    public required FollowerOptions Follower { get; init; }

    /// <summary>How reads of the store are kept from doing harm where it is slow, ill or asked too much.</summary>
    public required StoreGuardOptions Guard { get; init; }

    /// <summary>The settings of the consistency probe.</summary>
    public required ProbeOptions Probe { get; init; }

    /// <summary>The settings of the HTTP interface, keys included.</summary>
    public required HttpOptions Http { get; init; }

    /// <summary>The maximum number of connections; a few more are accepted for health requests only.</summary>
    /// <value>The default is 16,384; 1 to 1,000,000.</value>
    public required int MaxConnections { get; init; }

    /// <summary>How many connections one remote address may have; not counted behind the Functions host, which has them all.</summary>
    /// <value>The default is seven eighths of <see cref="MaxConnections"/>; 1 to <see cref="MaxConnections"/>.</value>
    public required int MaxConnectionsPerAddress { get; init; }

    /// <summary>Serves the page at <c>/api/docs/</c>, which needs no key.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public required bool ApiReference { get; init; }

    /// <summary>Names under <c>Lookup__</c> that mean nothing: most likely misspelt.</summary>
    public required IReadOnlyList<string> Unknown { get; init; }
}
