using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lookup.Domain.Users;
using Microsoft.Azure.Cosmos;

namespace Lookup.Local.Writes;

/// <summary>
/// Changes users behind the service's back: by a client of its own, so that the service hears of it through the change feed only.
/// </summary>
internal sealed class UserWriter(Container container)
{
    // In each round at least one of those who compete wins, so this is also how many may compete for one user.
    private const int MostRounds = 64;

    // What was stored as a letter stays one: the text is a document, and never part of a web page.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Merges a patch (RFC 7396) into a user, or creates the user from it, and counts its <c>version</c> up.</summary>
    /// <exception cref="CosmosException">The endpoint refused, or others kept changing the user first (412).</exception>
    public async Task<WrittenUser> MergeAsync(UserKey key, JsonObject patch, CancellationToken cancellation)
    {
        for (var round = 1; ; round++)
        {
            var (stored, etag) = await ReadAsync(key, cancellation);
            var version = NextVersion(stored);
            var user = (JsonObject)MergePatch.Apply(stored ?? new JsonObject { ["id"] = key.Id }, patch)!;
            user["version"] = version;

            using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(user, Plain));
            using var response = etag is null
                ? await container.CreateItemStreamAsync(json, Partition(key), cancellationToken: cancellation)
                : await container.ReplaceItemStreamAsync(json, key.Id, Partition(key), new ItemRequestOptions { IfMatchEtag = etag }, cancellation);
            if (round < MostRounds && OtherWasFirst(response.StatusCode, creating: etag is null))
                continue;

            response.EnsureSuccessStatusCode();
            return new WrittenUser(Created: etag is null, version, response.Headers.ETag);
        }
    }

    /// <summary>Deletes a user.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="CosmosException">The endpoint refused.</exception>
    public async Task<bool> DeleteAsync(UserKey key, CancellationToken cancellation)
    {
        using var response = await container.DeleteItemStreamAsync(key.Id, Partition(key), cancellationToken: cancellation);
        if (IsAbsent(response))
            return false;
        response.EnsureSuccessStatusCode();
        return true;
    }

    private async Task<(JsonObject? Stored, string? ETag)> ReadAsync(UserKey key, CancellationToken cancellation)
    {
        using var response = await container.ReadItemStreamAsync(key.Id, Partition(key), cancellationToken: cancellation);
        if (IsAbsent(response))
            return (null, null);
        response.EnsureSuccessStatusCode();
        var stored = await JsonSerializer.DeserializeAsync<JsonObject>(response.Content, cancellationToken: cancellation);
        return (stored, response.Headers.ETag);
    }

    private static PartitionKey Partition(UserKey key) => new(key.PartitionKey);

    // A 404 with a substatus (1002: the session is not there yet) says nothing about the user.
    private static bool IsAbsent(ResponseMessage response) =>
        response.StatusCode == HttpStatusCode.NotFound && response.Headers["x-ms-substatus"] is null or "0";

    private static bool OtherWasFirst(HttpStatusCode status, bool creating) =>
        creating ? status == HttpStatusCode.Conflict : status is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound;

    private static long NextVersion(JsonObject? stored) =>
        stored?["version"] is JsonValue value && value.TryGetValue<long>(out var version) ? version + 1 : 1;
}

/// <summary>What the store made of a write.</summary>
/// <param name="Created">Whether there was no such user before.</param>
/// <param name="Version">The version that was written.</param>
/// <param name="ETag">The store's entity tag of that version, quotes included.</param>
internal sealed record WrittenUser(bool Created, long Version, string ETag);
