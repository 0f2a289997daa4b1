namespace Lookup.Domain.Caching;

/// <summary>The bounds of the promise, and of the memory it may use. Check with <see cref="Validate"/>.</summary>
public sealed record UserCacheOptions
{
    /// <summary>The greatest age at which an answer is given as a fresh one.</summary>
    /// <value>The default is 5 seconds; 100 milliseconds to 1 day.</value>
    public TimeSpan MaxStaleness { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request waits for the change feed to confirm an entry before it reads the user again.</summary>
    /// <value>The default is 250 milliseconds; 0 (never waits) to 10 seconds.</value>
    public TimeSpan CatchUpTimeout { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The greatest age of a user's last read where the change feed does not show deletes (LatestVersion mode);
    /// <see langword="null"/> where it does (AllVersionsAndDeletes mode).
    /// </summary>
    /// <value>The default is 5 minutes; at least <see cref="MaxStaleness"/>, at most 1 day.</value>
    public TimeSpan? MaxUnseenDelete { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// By how much an answer may exceed its freshness where the store cannot answer and the caller did not say.
    /// More than zero puts availability before freshness: that is the owner's choice.
    /// </summary>
    /// <value>The default is 0 (never); at most 1 day.</value>
    public TimeSpan StaleIfError { get; init; } = TimeSpan.Zero;

    /// <summary>How long a request that needs the store may take, retries included.</summary>
    /// <value>The default is 2 seconds; 10 milliseconds to 1 minute.</value>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an evicted user is protected against answers of a replica that lags behind the eviction.</summary>
    /// <value>The default is 10 seconds; 0 (the session token alone protects) to 10 minutes.</value>
    public TimeSpan FillFenceWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The memory that users, unknown ids, fences and reads under way may use together, in bytes.</summary>
    /// <value>The default is 256 MiB; at least 1 MiB.</value>
    public long SizeBytes { get; init; } = 256L << 20;

    /// <summary>Who gives way when that memory is full.</summary>
    /// <value>The default is <see cref="EvictionPolicy.LeastRecentlyUsed"/>.</value>
    public EvictionPolicy EvictionPolicy { get; init; }

    /// <summary>Throws where a value is out of its range, with a sentence that names it, the value and what is allowed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        OptionRange.Check(nameof(MaxStaleness), MaxStaleness, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1));
        OptionRange.Check(nameof(CatchUpTimeout), CatchUpTimeout, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        if (MaxUnseenDelete is { } unseen)
            OptionRange.Check(nameof(MaxUnseenDelete), unseen, MaxStaleness, TimeSpan.FromDays(1));
        OptionRange.Check(nameof(StaleIfError), StaleIfError, TimeSpan.Zero, TimeSpan.FromDays(1));
        OptionRange.Check(nameof(ReadDeadline), ReadDeadline, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        OptionRange.Check(nameof(FillFenceWindow), FillFenceWindow, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        OptionRange.Check(nameof(SizeBytes), SizeBytes, 1L << 20, long.MaxValue);
        if (!Enum.IsDefined(EvictionPolicy))
        {
            throw new ArgumentOutOfRangeException(
                nameof(EvictionPolicy),
                $"{nameof(EvictionPolicy)} is {(int)EvictionPolicy}; it must be {string.Join(" or ", Enum.GetNames<EvictionPolicy>())}.");
        }
    }
}
