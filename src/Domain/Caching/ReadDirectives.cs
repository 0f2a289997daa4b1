using Lookup.Domain.Stores;

namespace Lookup.Domain.Caching;

/// <summary>
/// The cache directives of a request. The default value requests the standard guarantee: no older than
/// <see cref="UserCacheOptions.MaxStaleness"/>.
/// </summary>
/// <remarks>The names and semantics are those of the request directives in RFC 9111 §5.2.1 and RFC 5861 §4.</remarks>
public readonly record struct ReadDirectives
{
    // Durations are stored as ticks with the sign bit inverted so that 0 means "absent". This halves the size of the struct compared with
    // TimeSpan?. Only TimeSpan.MinValue cannot be distinguished from "absent".
    private readonly long _maxAge;
    private readonly long _maxStale;
    private readonly long _staleIfError;

    /// <summary>Gets <c>no-cache</c>: the result must come from a read that is sent after the request began.</summary>
    public bool NoCache { get; init; }

    /// <summary>Gets <c>no-store</c>: the result of the read for this request is neither stored nor shared with other requests.</summary>
    public bool NoStore { get; init; }

    /// <summary>Gets <c>only-if-cached</c>: no read is sent. The result may be <see cref="LookupStatus.NotCached"/>.</summary>
    public bool OnlyIfCached { get; init; }

    /// <summary>Gets <c>max-age</c>: the maximum age of the result. It can only tighten the staleness bound, not relax it.</summary>
    public TimeSpan? MaxAge
    {
        get => Unpack(_maxAge);
        init => _maxAge = Pack(value);
    }

    /// <summary>
    /// Gets <c>max-stale</c>: the time by which a cached result may exceed its freshness, or <see cref="TimeSpan.MaxValue"/> for any time.
    /// </summary>
    public TimeSpan? MaxStale
    {
        get => Unpack(_maxStale);
        init => _maxStale = Pack(value);
    }

    /// <summary>
    /// Gets <c>stale-if-error</c>: the time by which a cached result may exceed its freshness if the store fails. If it is
    /// <see langword="null"/>, <see cref="UserCacheOptions.StaleIfError"/> applies.
    /// </summary>
    public TimeSpan? StaleIfError
    {
        get => Unpack(_staleIfError);
        init => _staleIfError = Pack(value);
    }

    /// <summary>
    /// Gets the session that the result must reflect: it is not older than any position in the token. It applies to lookups of one user.
    /// </summary>
    /// <value>The default is <see langword="null"/>: no session.</value>
    public SessionToken? Session { get; init; }

    /// <summary>Gets the budget for reads sent for this request. A joined read is charged to the request that sent it.</summary>
    /// <value>The default is <see langword="null"/>: no budget.</value>
    public IRequestUnitBudget? Budget { get; init; }

    private static long Pack(TimeSpan? time) => time is { } given ? given.Ticks ^ long.MinValue : 0;

    private static TimeSpan? Unpack(long packed) => packed == 0 ? null : TimeSpan.FromTicks(packed ^ long.MinValue);
}
