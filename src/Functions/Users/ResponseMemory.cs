using Lookup.Domain.Caching;
using Lookup.Functions.Http;

namespace Lookup.Functions.Users;

/// <summary>
/// The memory of the users that are held for responses: from before they are read until they are written. Without a bound, slow clients and
/// large batches would hold any number of users that are no longer cached.
/// </summary>
/// <remarks>
/// Responses of up to <see cref="BodyPortions.Size"/> are not counted. The server copies them as a whole, and the number of connections
/// bounds that memory.
/// </remarks>
internal sealed class ResponseMemory(UserCache cache)
{
    /// <summary>Takes the memory for users that will be read, by estimate.</summary>
    /// <exception cref="OverloadedException">There was not enough until the read deadline, or too many responses wait.</exception>
    public ValueTask<ByteLease> TakeForReadAsync(int users, CancellationToken cancellationToken) =>
        TakeAsync(cache.EstimateBytes(users), cancellationToken);

    /// <summary>Takes the memory for users of a known size.</summary>
    /// <exception cref="OverloadedException">There was not enough until the read deadline, or too many responses wait.</exception>
    public async ValueTask<ByteLease> TakeAsync(long bytes, CancellationToken cancellationToken) =>
        await cache.Responses.TakeAsync(Counted(bytes), cancellationToken) ?? throw new OverloadedException();

    /// <summary>Returns the bytes to take for a response of a given size.</summary>
    public static long Counted(long bytes) => bytes > BodyPortions.Size ? bytes : 0;
}
