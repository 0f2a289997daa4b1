using Lookup.Domain.Stores;

namespace Lookup.Domain.Caching;

/// <summary>What a caller asks of an answer. The default value asks for the promise: no older than <see cref="UserCacheOptions.MaxStaleness"/>.</summary>
/// <remarks>The words and their meaning are those of the request directives of RFC 9111 §5.2.1 and RFC 5861 §4.</remarks>
public readonly record struct ReadDirectives
{
    // A time is kept as its ticks with the sign bit turned over, so that 0 can mean absent: half as much to pass along with every lookup
    // as a nullable time. (The one time that cannot be told from none is TimeSpan.MinValue.)
    private readonly long _maxAge;
    private readonly long _maxStale;
    private readonly long _staleIfError;

    /// <summary><c>no-cache</c>: the answer must come from a read that was sent after the request began.</summary>
    public bool NoCache { get; init; }

    /// <summary><c>no-store</c>: what is read for this request is neither kept nor shared with others.</summary>
    public bool NoStore { get; init; }

    /// <summary><c>only-if-cached</c>: answer from memory or not at all; no read is sent.</summary>
    public bool OnlyIfCached { get; init; }

    /// <summary><c>max-age</c>: the answer must be fresh as of this long ago. Only makes the promise stricter, never laxer.</summary>
    public TimeSpan? MaxAge
    {
        get => Unpack(_maxAge);
        init => _maxAge = Pack(value);
    }

    /// <summary><c>max-stale</c>: an answer in memory may exceed its freshness by this much; <see cref="TimeSpan.MaxValue"/> for any.</summary>
    public TimeSpan? MaxStale
    {
        get => Unpack(_maxStale);
        init => _maxStale = Pack(value);
    }

    /// <summary>
    /// <c>stale-if-error</c>: where the store cannot answer, one in memory may exceed its freshness by this much.
    /// Absent: <see cref="UserCacheOptions.StaleIfError"/> applies.
    /// </summary>
    public TimeSpan? StaleIfError
    {
        get => Unpack(_staleIfError);
        init => _staleIfError = Pack(value);
    }

    /// <summary>The budget that reads sent for this request are charged to. Joined reads are charged to the request that sent them.</summary>
    /// <value>The default is <see langword="null"/>: no budget.</value>
    public IRequestUnitBudget? Budget { get; init; }

    private static long Pack(TimeSpan? time) => time is { } given ? given.Ticks ^ long.MinValue : 0;

    private static TimeSpan? Unpack(long packed) => packed == 0 ? null : TimeSpan.FromTicks(packed ^ long.MinValue);
}
