namespace Lookup.Domain.SharedTier;

/// <summary>Options for a tier that several instances share. Call <see cref="Validate"/> to check them.</summary>
public sealed record SharedTierOptions
{
    /// <summary>Gets the tier.</summary>
    public required ISharedTier Tier { get; init; }

    /// <summary>Gets the settings that determine what a cached user contains. Instances with other ones have other entries.</summary>
    public required DocumentShape Shape { get; init; }

    /// <summary>
    /// Gets the function that returns the identity of a log by its number in this instance: the same text in every instance, and another one for a
    /// recreated container; <see langword="null"/> if it is not known (yet), which leaves the tier unused. It must neither block nor throw.
    /// </summary>
    public required Func<long, string?> LogIdentity { get; init; }

    /// <summary>Gets the time that a lookup waits for the tier before it reads from the store.</summary>
    /// <value>1 millisecond to 1 second. The default is 50 milliseconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Gets the time after which the tier removes an entry.</summary>
    /// <value>1 second to 30 days. The default is 1 hour.</value>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets the maximum difference between the wall clocks of two instances. The ages of entries are increased by it, and entries that are more
    /// than that in the future are refused.
    /// </summary>
    /// <value>The default is 2 seconds.</value>
    internal TimeSpan ClockTolerance { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets the callback for each entry that was checked. It must neither block nor throw.</summary>
    internal Action<SharedEntry, TierCheck>? Landed { get; init; }

    /// <summary>Throws an exception if a value is out of its range. The message contains its name, the value and the range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        OptionRange.Check(nameof(Timeout), Timeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
        OptionRange.Check(nameof(TimeToLive), TimeToLive, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
    }
}
