using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lookup.Domain.Users;
using Microsoft.Azure.Cosmos;

namespace Lookup.Local.Writes;

/// <summary>
/// The writer of users, with a client of its own, so that the service observes the changes only through the change feed.
/// </summary>
internal sealed class UserWriter(Container container)
{
    // In each round, at least one of the writers that compete for a user succeeds, so this is also the maximum number of such writers.
    private const int MaxAttempts = 64;

    // Characters are written without escaping them, because the text is never part of a web page.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Merges a patch (RFC 7396) into a user, or creates the user from it, and increments its <c>version</c>.</summary>
    /// <exception cref="CosmosException">The endpoint rejected the write, or the last attempt conflicted with another write (404, 409 or 412).</exception>
    public async Task<WrittenUser> MergeAsync(UserKey key, JsonObject patch, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (stored, etag) = await ReadAsync(key, cancellation);
            var version = NextVersion(stored);
            var user = (JsonObject)MergePatch.Apply(stored ?? new JsonObject { ["id"] = key.Id }, patch)!;
            user["version"] = version;

            using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(user, Plain));
            using var response = etag is null
                ? await container.CreateItemStreamAsync(json, Partition(key), cancellationToken: cancellation)
                : await container.ReplaceItemStreamAsync(json, key.Id, Partition(key), new ItemRequestOptions { IfMatchEtag = etag }, cancellation);
            if (attempt < MaxAttempts && IsConflict(response.StatusCode, creating: etag is null))
                continue;

            response.EnsureSuccessStatusCode();
            return new WrittenUser(Created: etag is null, version, response.Headers.ETag, response.Headers.Session);
        }
    }

    /// <summary>Deletes a user.</summary>
    /// <returns><see langword="true"/> if the user existed; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="CosmosException">The endpoint rejected the write.</exception>
    public async Task<bool> DeleteAsync(UserKey key, CancellationToken cancellation)
    {
        using var response = await container.DeleteItemStreamAsync(key.Id, Partition(key), cancellationToken: cancellation);
        if (IsNotFound(response))
            return false;
        response.EnsureSuccessStatusCode();
        return true;
    }

    private async Task<(JsonObject? Stored, string? ETag)> ReadAsync(UserKey key, CancellationToken cancellation)
    {
        using var response = await container.ReadItemStreamAsync(key.Id, Partition(key), cancellationToken: cancellation);
        if (IsNotFound(response))
            return (null, null);
        response.EnsureSuccessStatusCode();
        var stored = await JsonSerializer.DeserializeAsync<JsonObject>(response.Content, cancellationToken: cancellation);
        return (stored, response.Headers.ETag);
    }

    private static PartitionKey Partition(UserKey key) => new(key.PartitionKey);

    // A 404 with a substatus (1002: the session is not available yet) does not mean that the user does not exist.
    private static bool IsNotFound(ResponseMessage response) =>
        response.StatusCode == HttpStatusCode.NotFound && response.Headers["x-ms-substatus"] is null or "0";

    private static bool IsConflict(HttpStatusCode status, bool creating) =>
        creating ? status == HttpStatusCode.Conflict : status is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound;

    private static long NextVersion(JsonObject? stored) =>
        stored?["version"] is JsonValue value && value.TryGetValue<long>(out var version) ? version + 1 : 1;
}

/// <summary>The result of a write.</summary>
/// <param name="Created"><see langword="true"/> if the user was created; <see langword="false"/> if it was changed.</param>
/// <param name="Version">The version that was written.</param>
/// <param name="ETag">The store's entity tag of that version, including the quotes.</param>
/// <param name="Session">The store's session token of the write.</param>
internal sealed record WrittenUser(bool Created, long Version, string ETag, string Session);
