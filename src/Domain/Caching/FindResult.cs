using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

/// <summary>The result of looking up users by alternate key.</summary>
public readonly record struct FindResult
{
    /// <summary>Gets the users, in ascending ordinal order of their ids. The list may be empty.</summary>
    public IReadOnlyList<UserDocument> Users { get; init; }

    /// <summary>
    /// Gets the result as a whole. <see cref="LookupResult.Status"/> is <see cref="LookupStatus.Found"/>, or
    /// <see cref="LookupStatus.NotCached"/> if the cache had no acceptable result. Age and time to live are those of the oldest part, and
    /// <see cref="LookupResult.Document"/> is not set.
    /// </summary>
    public LookupResult Summary { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the list may be incomplete: more than <see cref="UserCache.MaxFound"/> users had the value, or more
    /// than fit in one result, or the store ended its query early.
    /// </summary>
    public bool IsTruncated { get; init; }
}
