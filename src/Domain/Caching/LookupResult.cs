using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

/// <summary>The answer to «who is user X?», and how it came about.</summary>
public readonly record struct LookupResult
{
    /// <summary>What was found.</summary>
    public LookupStatus Status { get; init; }

    /// <summary>The user, where <see cref="Status"/> is <see cref="LookupStatus.Found"/>.</summary>
    public UserDocument? Document { get; init; }

    /// <summary>Where the answer came from.</summary>
    public LookupSource Source { get; init; }

    /// <summary>How long ago the answer was surely the current one; zero or more.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>How much longer memory may give this answer as a fresh one; negative where it was already stale.</summary>
    public TimeSpan TimeToLive { get; init; }

    /// <summary>The answer is older than the promise; given because the caller, or the owner by a setting, allowed it.</summary>
    public bool IsStale { get; init; }

    /// <summary>The stale answer stands in for one that the store could not give.</summary>
    public bool IsInsteadOfError { get; init; }

    /// <summary>The store was asked, and said that the version in memory is still current (304).</summary>
    public bool IsRevalidated { get; init; }

    /// <summary>The request joined a read that another had begun (RFC 9211 <c>collapsed</c>).</summary>
    public bool IsCollapsed { get; init; }

    /// <summary>What was read for this answer was kept in memory (RFC 9211 <c>stored</c>).</summary>
    public bool IsStored { get; init; }

    /// <summary>How long the read took that the answer came from; zero where there was none.</summary>
    public TimeSpan StoreDuration { get; init; }

    /// <summary>Sums two answers up in one: as old as the older one, and no better than the worse one. All else is as in this one.</summary>
    public LookupResult JoinedWith(in LookupResult part) => this with
    {
        Status = part.Status == LookupStatus.NotCached ? LookupStatus.NotCached : Status,
        Source = Source == LookupSource.Hit ? part.Source : Source,
        Age = part.Age > Age ? part.Age : Age,
        TimeToLive = part.TimeToLive < TimeToLive ? part.TimeToLive : TimeToLive,
        IsStale = IsStale || part.IsStale,
        IsInsteadOfError = IsInsteadOfError || part.IsInsteadOfError,
        StoreDuration = part.StoreDuration > StoreDuration ? part.StoreDuration : StoreDuration,
    };
}

/// <summary>What a lookup found.</summary>
public enum LookupStatus : byte
{
    /// <summary>The user exists.</summary>
    Found,

    /// <summary>There is no such user.</summary>
    NotFound,

    /// <summary>Memory has no answer that the caller would accept, and the caller asked not to read (<c>only-if-cached</c>).</summary>
    NotCached,
}

/// <summary>Where an answer came from, in the words of RFC 9211 §2.</summary>
public enum LookupSource : byte
{
    /// <summary><c>hit</c>: from memory, with no read.</summary>
    Hit,

    /// <summary><c>fwd=uri-miss</c> or <c>fwd=miss</c>: memory had nothing.</summary>
    Miss,

    /// <summary><c>fwd=stale</c>: memory had an answer that could no longer be given unasked.</summary>
    Stale,

    /// <summary><c>fwd=request</c>: memory had an answer, and the caller's directives asked for a read.</summary>
    Request,
}
