using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

/// <summary>The answer to «which users have this alternate key?».</summary>
public readonly record struct FindResult
{
    /// <summary>The users, in ascending ordinal order of their ids; may be empty.</summary>
    public IReadOnlyList<UserDocument> Users { get; init; }

    /// <summary>
    /// The answer as a whole: <see cref="LookupResult.Status"/> is <see cref="LookupStatus.Found"/> unless memory had none
    /// (<see cref="LookupStatus.NotCached"/>); age and time to live are those of its oldest part; <see cref="LookupResult.Document"/> is unset.
    /// </summary>
    public LookupResult Summary { get; init; }

    /// <summary>More users had the value than <see cref="UserCache.MaxFound"/>; the rest is not listed.</summary>
    public bool IsTruncated { get; init; }
}
