using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

/// <summary>The result of looking up one user, and how it was obtained.</summary>
public readonly record struct LookupResult
{
    /// <summary>Gets the kind of result.</summary>
    public LookupStatus Status { get; init; }

    /// <summary>Gets the user, if <see cref="Status"/> is <see cref="LookupStatus.Found"/>.</summary>
    public UserDocument? Document { get; init; }

    /// <summary>Gets the source of the result.</summary>
    public LookupSource Source { get; init; }

    /// <summary>Gets the time since the result was last known to be current; zero or more.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>Gets the time for which the cache may still serve this result as fresh; negative if it is already stale.</summary>
    public TimeSpan TimeToLive { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the result is older than the staleness bound, which the request, or the operator by a setting,
    /// allowed.
    /// </summary>
    public bool IsStale { get; init; }

    /// <summary>
    /// Gets a value that indicates whether a cached result was returned because the store failed (<c>stale-if-error</c>).
    /// </summary>
    public bool IsInsteadOfError { get; init; }

    /// <summary>Gets a value that indicates whether the store confirmed the cached version (304).</summary>
    public bool IsRevalidated { get; init; }

    /// <summary>Gets a value that indicates whether the request joined the read of another request (RFC 9211 <c>collapsed</c>).</summary>
    public bool IsCollapsed { get; init; }

    /// <summary>Gets a value that indicates whether the result was stored in the cache (RFC 9211 <c>stored</c>).</summary>
    public bool IsStored { get; init; }

    /// <summary>Gets a value that indicates whether the result is the read of another instance, from the shared tier.</summary>
    public bool IsFromSharedTier { get; init; }

    private bool IsFromStore => Source != LookupSource.Hit && !IsFromSharedTier;

    /// <summary>Gets the duration of the read that produced the result, or zero if there was none.</summary>
    public TimeSpan StoreDuration { get; init; }

    /// <summary>
    /// Combines two results into one that is as old as the older one and no better than the worse one. All other values are those of this
    /// result.
    /// </summary>
    public LookupResult JoinedWith(in LookupResult part) => this with
    {
        Status = part.Status == LookupStatus.NotCached ? LookupStatus.NotCached : Status,
        Source = Source == LookupSource.Hit ? part.Source : Source,
        Age = part.Age > Age ? part.Age : Age,
        TimeToLive = part.TimeToLive < TimeToLive ? part.TimeToLive : TimeToLive,
        IsStale = IsStale || part.IsStale,
        IsInsteadOfError = IsInsteadOfError || part.IsInsteadOfError,
        IsFromSharedTier = (IsFromSharedTier || part.IsFromSharedTier) && !IsFromStore && !part.IsFromStore,
        StoreDuration = part.StoreDuration > StoreDuration ? part.StoreDuration : StoreDuration,
    };
}

/// <summary>Specifies the kind of result of a lookup.</summary>
public enum LookupStatus : byte
{
    /// <summary>The user exists.</summary>
    Found,

    /// <summary>The user does not exist.</summary>
    NotFound,

    /// <summary>The cache has no acceptable result, and the request does not permit a read (<c>only-if-cached</c>).</summary>
    NotCached,
}

/// <summary>Specifies the source of a result, in the terms of RFC 9211 §2.</summary>
public enum LookupSource : byte
{
    /// <summary><c>hit</c>: from the cache, without a read.</summary>
    Hit,

    /// <summary><c>fwd=uri-miss</c> or <c>fwd=miss</c>: there was no cached entry.</summary>
    Miss,

    /// <summary><c>fwd=stale</c>: the cached entry was no longer fresh.</summary>
    Stale,

    /// <summary><c>fwd=request</c>: the cached entry was fresh, but the request's directives required a read.</summary>
    Request,
}
