using Lookup.Functions.Http;

namespace Lookup.Functions.OpenApi;

/// <summary>What the clients of each endpoint are told about it.</summary>
internal static class ApiOperations
{
    private static readonly ApiParameter Id = new(
        "id", "path", "The user's id, percent-encoded: 1 to 255 characters, none of them / \\ ? # or a control character.", "ada");

    private static readonly ApiParameter PartitionKey = new(
        "pk", "query", "The user's partition key value: where, and only where, users are not partitioned by their id.", "contoso");

    private static readonly ApiParameter CacheControl = new(
        "Cache-Control",
        "header",
        "How fresh the answer must be (RFC 9111, RFC 5861): no-cache, no-store, max-age, min-fresh, max-stale, stale-if-error, only-if-cached.",
        "max-age=1");

    private static readonly ApiParameter IfNoneMatch = new(
        "If-None-Match",
        "header",
        "Entity tags of versions at hand: where one of them is current the answer is 304.",
        "\"00000000-0000-0000-0000-000000000000\"");

    private static readonly ProblemKind[] Keys = [ProblemKind.Unauthorized];
    private static readonly ProblemKind[] AdminKeys = [ProblemKind.Unauthorized, ProblemKind.Forbidden];
    private static readonly ProblemKind[] Reading = [ProblemKind.NotAcceptable, ProblemKind.TooManyRequests, ProblemKind.StoreUnavailable, ProblemKind.NotCached];

    public static readonly ApiOperation GetUser = new(
        "getUser",
        "Who is this user?",
        [Id, PartitionKey, CacheControl, IfNoneMatch],
        [
            new(200, "The user, as stored, without the store's own properties and the hidden fields.", ApiContent.User, IsAboutUsers: true),
            new(304, "The version at hand is current.", ApiContent.None, IsAboutUsers: true),
        ],
        [ProblemKind.BadRequest, ProblemKind.InvalidId, ProblemKind.InvalidPartitionKey, .. Keys, ProblemKind.UserNotFound, .. Reading]);

    public static readonly ApiOperation LookupUsers = new(
        "lookupUsers",
        "Who are these users? 1 to 1,000 of them; each is answered once, in the order asked.",
        [CacheControl],
        [new(200, "Those who exist, and the keys of those who do not.", ApiContent.LookedUp, IsAboutUsers: true)],
        [
            ProblemKind.BadRequest, ProblemKind.InvalidId, ProblemKind.InvalidPartitionKey, .. Keys,
            ProblemKind.TooLarge, ProblemKind.UnsupportedMediaType, .. Reading,
        ],
        HasBody: true);

    public static readonly ApiOperation EvictUser = new(
        "evictUser",
        "Makes the instance that answers forget one user.",
        [Id, PartitionKey],
        [new(200, "Forgotten, on this instance.", ApiContent.Eviction)],
        [ProblemKind.BadRequest, ProblemKind.InvalidId, ProblemKind.InvalidPartitionKey, .. AdminKeys]);

    public static readonly ApiOperation ClearCache = new(
        "clearCache",
        "Makes the instance that answers forget everything.",
        [],
        [new(200, "Forgotten, on this instance.", ApiContent.Eviction)],
        [ProblemKind.BadRequest, .. AdminKeys]);

    public static readonly ApiOperation GetStatistics = new(
        "getStatistics", "What the instance that answers has done and holds.", [], [new(200, "The statistics.", ApiContent.Statistics)], [ProblemKind.BadRequest, .. AdminKeys]);

    public static readonly ApiOperation GetLiveness = new(
        "getLiveness", "Does the process live?", [], [new(200, "It does.", ApiContent.Health)], [ProblemKind.BadRequest]);

    public static readonly ApiOperation GetReadiness = new(
        "getReadiness", "Can the instance answer lookups?", [], [new(200, "It can: ready, or degraded.", ApiContent.Health)], [ProblemKind.BadRequest, ProblemKind.NotReady]);

    public static readonly ApiOperation GetDocument = new(
        "getDocument", "This description.", [], [new(200, "The description.", ApiContent.Document)], [ProblemKind.BadRequest, .. Keys]);

    /// <param name="names">The query parameters that users are found by: as configured.</param>
    public static ApiOperation FindUsers(IEnumerable<string> names) => new(
        "findUsers",
        "Who has this value? Exactly one of the alternate keys, once; at most 100 users are listed.",
        [.. names.Select(name => new ApiParameter(name, "query", "The value to find; a + stands for a space.", "ada@example.com")), CacheControl],
        [new(200, "Those who have it, none included.", ApiContent.Users, IsAboutUsers: true)],
        [ProblemKind.BadRequest, .. Keys, .. Reading]);
}
