namespace Lookup.Functions.Resilience;

/// <summary>How reads of the store are kept from doing harm where it is slow, ill or asked too much.</summary>
internal sealed record StoreGuardOptions
{
    public const int MaxConcurrency = 10_000;
    public const int MaxQueue = 100_000;

    /// <summary>How many reads may be with the store at once.</summary>
    /// <value>The default is 64; 1 to 10,000.</value>
    public int Concurrency { get; init; } = 64;

    /// <summary>How many reads may wait for one of those places; one more is refused at once.</summary>
    /// <value>The default is 256; 0 (nobody waits) to 100,000.</value>
    public int Queue { get; init; } = 256;

    /// <summary>How long a read may take with all that is below; kept by the cache, by way of the token.</summary>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a failed read is tried again.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>The median pause before the first retry. Each pause after it is about twice as long, all of them drawn at random.</summary>
    public TimeSpan FirstPause => Least(TimeSpan.FromMilliseconds(100), ReadDeadline / 16);

    /// <summary>A read that was given up after it had been with the store for so long is held against the store.</summary>
    public TimeSpan AbandonedAfter => ReadDeadline / 4;

    /// <summary>The share of attempts that must fail for the circuit to open.</summary>
    public double FailureRatio { get; init; } = 0.9;

    /// <summary>How many attempts there must have been for that share to mean anything.</summary>
    public int FewestAttempts { get; init; } = 5;

    /// <summary>Over how long the share is taken.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the circuit stays open before one read may try whether the store is well again.</summary>
    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(1);

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
