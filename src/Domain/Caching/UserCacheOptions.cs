namespace Lookup.Domain.Caching;

/// <summary>Options for the freshness and the size of a cache. Call <see cref="Validate"/> to check them.</summary>
public sealed record UserCacheOptions
{
    /// <summary>Gets the maximum age at which a result is served as fresh.</summary>
    /// <value>100 milliseconds to 1 day. The default is 5 seconds.</value>
    public TimeSpan MaxStaleness { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets the time for which a request waits for the change feed to confirm an entry before it reads the user again.</summary>
    /// <value>0 (does not wait) to 10 seconds. The default is 250 milliseconds.</value>
    public TimeSpan CatchUpTimeout { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Gets the maximum time since a read or the change feed last showed a user, if the change feed does not contain deletes (LatestVersion mode), or
    /// <see langword="null"/> if it does (AllVersionsAndDeletes mode).
    /// </summary>
    /// <value><see cref="MaxStaleness"/> to 1 day. The default is 5 minutes.</value>
    public TimeSpan? MaxUnseenDelete { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets the time by which a cached result may exceed its freshness if the store fails and the request does not specify
    /// <c>stale-if-error</c>. A value above zero gives availability priority over freshness.
    /// </summary>
    /// <value>0 (never) to 1 day. The default is 0.</value>
    public TimeSpan StaleIfError { get; init; } = TimeSpan.Zero;

    /// <summary>Gets the deadline of a read from the store, including retries.</summary>
    /// <value>10 milliseconds to 1 minute. The default is 2 seconds.</value>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets the memory for users, unknown ids, known log sequence numbers, reads in flight and users that are held for responses together, in
    /// bytes. Reads and responses get at least 16 MiB each, even if that exceeds it.
    /// </summary>
    /// <value>At least 1 MiB. The default is 256 MiB.</value>
    public long SizeBytes { get; init; } = 256L << 20;

    /// <summary>Gets the policy that determines which entries are evicted when the cache is full.</summary>
    /// <value>The default is <see cref="EvictionPolicy.LeastRecentlyUsed"/>.</value>
    public EvictionPolicy EvictionPolicy { get; init; }

    /// <summary>Throws an exception if a value is out of its range. The message contains its name, the value and the range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        OptionRange.Check(nameof(MaxStaleness), MaxStaleness, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
        OptionRange.Check(nameof(CatchUpTimeout), CatchUpTimeout, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        if (MaxUnseenDelete is { } unseen)
            OptionRange.Check(nameof(MaxUnseenDelete), unseen, MaxStaleness, TimeSpan.FromDays(1));
        OptionRange.Check(nameof(StaleIfError), StaleIfError, TimeSpan.Zero, TimeSpan.FromDays(1));
        OptionRange.Check(nameof(ReadDeadline), ReadDeadline, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        OptionRange.Check(nameof(SizeBytes), SizeBytes, 1L << 20, long.MaxValue);
        if (!Enum.IsDefined(EvictionPolicy))
        {
            throw new ArgumentOutOfRangeException(
                nameof(EvictionPolicy),
                $"{nameof(EvictionPolicy)} is {(int)EvictionPolicy}; it must be {string.Join(" or ", Enum.GetNames<EvictionPolicy>())}.");
        }
    }
}
