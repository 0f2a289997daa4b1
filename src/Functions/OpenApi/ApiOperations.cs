using Lookup.Functions.Http;

namespace Lookup.Functions.OpenApi;

/// <summary>The descriptions of the operations.</summary>
internal static class ApiOperations
{
    private static readonly ApiParameter Id = new(
        "id",
        "path",
        "The id of the user, percent-encoded. An id has 1 to 1,023 bytes in UTF-8 and no control character. In a path, it must not contain /, \\, ? or #.",
        "ada");

    private static readonly ApiParameter PartitionKey = new(
        "pk",
        "query",
        "The partition key value of the user. Required if users are not partitioned by their id; otherwise, it must be omitted.",
        "contoso");

    private static readonly ApiParameter CacheControl = new(
        "Cache-Control",
        "header",
        "The required freshness of the response (RFC 9111, RFC 5861). Supported directives: "
        + "no-cache, no-store, max-age, min-fresh, max-stale, stale-if-error and only-if-cached.",
        "max-age=1");

    private static readonly ApiParameter IfNoneMatch = new(
        "If-None-Match",
        "header",
        "The entity tags of the versions that the client has, or *. If one of them is current, the response is 304. The result of a find has no entity tag, so only * has an effect.",
        "W/\"00000000-0000-0000-0000-000000000000\"");

    private static readonly ApiParameter IfMatch = new(
        "If-Match",
        "header",
        "The entity tags of acceptable versions, by strong comparison. A response with users has no strong entity tag, so any value except * gets 412.",
        "*");

    private static readonly ApiParameter IfUnmodifiedSince = new(
        "If-Unmodified-Since",
        "header",
        "If the user was modified after this time, the response is 412. Ignored if there is an If-Match.",
        "Tue, 12 Mar 2024 18:40:50 GMT");

    private static readonly ApiParameter Session = new(
        SessionTokenHeader.Name,
        "header",
        "Cosmos DB's session token of a write. The response is not older than that write, or 503. Other lookups reject it.",
        "0:-1#42");

    private static readonly ProblemKind[] Keys = [ProblemKind.Unauthorized];
    private static readonly ProblemKind[] AdminKeys = [ProblemKind.Unauthorized, ProblemKind.Forbidden];
    private static readonly ProblemKind[] Reading = [ProblemKind.NotAcceptable, ProblemKind.TooManyRequests, ProblemKind.StoreUnavailable, ProblemKind.Overloaded, ProblemKind.NotCached];

    public static readonly ApiOperation GetUser = new(
        "getUser",
        "Gets a user.",
        [Id, PartitionKey, CacheControl, Session, IfNoneMatch, IfMatch, IfUnmodifiedSince],
        [
            new(
                200,
                "The user as stored, without the system properties of the store and without hidden fields.",
                ApiContent.User,
                HasLookupFields: true),
            new(304, "The client has the current version of the user.", ApiContent.None, HasLookupFields: true),
        ],
        [ProblemKind.BadRequest, ProblemKind.InvalidId, ProblemKind.InvalidPartitionKey, .. Keys, ProblemKind.UserNotFound, ProblemKind.PreconditionFailed, .. Reading]);

    public static readonly ApiOperation LookupUsers = new(
        "lookupUsers",
        "Gets several users. A request contains 1 to 1,000 ids, and each user is returned once, in the order of the request. An id has 1 to 1,023 bytes in UTF-8 and no control character.",
        [CacheControl],
        [new(200, "The users that exist, and the keys of those that do not.", ApiContent.LookedUp, HasLookupFields: true)],
        [
            ProblemKind.BadRequest, ProblemKind.InvalidId, ProblemKind.InvalidPartitionKey, .. Keys,
            ProblemKind.TooLarge, ProblemKind.UnsupportedMediaType, .. Reading,
        ],
        HasBody: true);

    public static readonly ApiOperation EvictUser = new(
        "evictUser",
        "Evicts a user from the cache of the instance that handles the request.",
        [Id, PartitionKey],
        [new(200, "The user is evicted from this instance.", ApiContent.Eviction)],
        [ProblemKind.BadRequest, ProblemKind.InvalidId, ProblemKind.InvalidPartitionKey, .. AdminKeys]);

    public static readonly ApiOperation ClearCache = new(
        "clearCache",
        "Clears the cache of the instance that handles the request.",
        [],
        [new(200, "The cache of this instance is cleared.", ApiContent.Eviction)],
        [ProblemKind.BadRequest, .. AdminKeys]);

    public static readonly ApiOperation GetStatistics = new(
        "getStatistics",
        "Gets the statistics of the instance that handles the request.",
        [],
        [new(200, "The counters of this instance since its start, and the state of its cache.", ApiContent.Statistics)],
        [ProblemKind.BadRequest, .. AdminKeys]);

    public static readonly ApiOperation GetLiveness = new(
        "getLiveness", "Checks whether the process is running.", [], [new(200, "The process is running.", ApiContent.Health)], [ProblemKind.BadRequest]);

    public static readonly ApiOperation GetReadiness = new(
        "getReadiness",
        "Checks whether the instance can serve lookups.",
        [],
        [new(200, "The instance can serve lookups. The status is ready or degraded.", ApiContent.Health)],
        [ProblemKind.BadRequest, ProblemKind.NotReady]);

    public static readonly ApiOperation GetDocument = new(
        "getDocument", "Gets the OpenAPI description.", [], [new(200, "The OpenAPI description.", ApiContent.Document)], [ProblemKind.BadRequest, .. Keys]);

    /// <summary>Creates the description of the operation that finds users.</summary>
    /// <param name="names">The names of the configured alternate keys, which are query parameters.</param>
    public static ApiOperation FindUsers(IEnumerable<string> names) => new(
        "findUsers",
        "Finds the users that have a value. A request contains exactly one of the alternate keys, once. At most 100 users are returned; if there may be more, 'truncated' is true.",
        [
            .. names.Select(name => new ApiParameter(
                name, "query", "The value to find: 1 to 1,024 characters. A plus sign (+) stands for a space.", "ada@example.com")),
            CacheControl, IfNoneMatch, IfMatch,
        ],
        [
            new(200, "The matching users. The list may be empty.", ApiContent.Users, HasLookupFields: true),
            new(304, "If-None-Match is *.", ApiContent.None, HasLookupFields: true),
        ],
        [ProblemKind.BadRequest, .. Keys, ProblemKind.PreconditionFailed, .. Reading]);
}
