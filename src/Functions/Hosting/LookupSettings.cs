using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Cosmos.Documents;
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

    /// <summary>What the consistency probe may spend on its own reads, in request units a second.</summary>
    /// <value>The default is 0: no probe.</value>
    public required double ProbeRequestUnitsPerSecond { get; init; }

    /// <summary>The request units a second that the reads of each key may cost; without keys, of all callers together.</summary>
    /// <value>The default is 0: no limit.</value>
    public required double KeyRequestUnitsPerSecond { get; init; }

    /// <summary>The <c>Cache-Control</c> field of answers that hold a user (RFC 9111 §5.2.2).</summary>
    /// <value>The default is <c>private, no-cache</c>: whoever keeps an answer asks again before using it.</value>
    public required string CacheControl { get; init; }

    /// <summary>The maximum number of connections; a few more are accepted for health requests only.</summary>
    /// <value>The default is 16,384; 1 to 1,000,000.</value>
    public required int MaxConnections { get; init; }

    /// <summary>How many connections one remote address may have; not counted behind the Functions host, which has them all.</summary>
    /// <value>The default is seven eighths of <see cref="MaxConnections"/>; 1 to 1,000,000.</value>
    public required int MaxConnectionsPerAddress { get; init; }

    /// <summary>Serves the page at <c>/api/docs/</c>, which needs no key.</summary>
    /// <value>The default is <see langword="true"/>.</value>
    public required bool ApiReference { get; init; }

    /// <summary>Keys that may look users up. Behind the Functions host they are asked for as well as the host's own, so the host must know them too.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>Keys that may do everything; behind the Functions host as above.</summary>
    public required IReadOnlyList<string> AdminKeys { get; init; }

    /// <summary>Names under <c>Lookup__</c> that mean nothing: most likely misspelt.</summary>
    public required IReadOnlyList<string> Unknown { get; init; }
}
