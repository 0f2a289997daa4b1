namespace Lookup.Functions.Resilience;

/// <summary>Options that limit the impact of a slow, unhealthy or overloaded store.</summary>
internal sealed record StoreGuardOptions
{
    public const int MaxConcurrency = 10_000;
    public const int MaxQueue = 100_000;

    /// <summary>Gets the maximum number of concurrent reads of the store.</summary>
    /// <value>The default is 64; 1 to 10,000.</value>
    public int Concurrency { get; init; } = 64;

    /// <summary>Gets the maximum number of queued reads. Further reads are rejected immediately.</summary>
    /// <value>The default is 256; 0 (no queue) to 100,000.</value>
    public int Queue { get; init; } = 256;

    /// <summary>Gets the maximum duration of a read, including queueing and retries. The cache enforces it through the token.</summary>
    public TimeSpan ReadDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets the maximum number of retries of a failed read.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>Gets the median pause before the first retry. Each further pause is about twice as long. All pauses are randomized.</summary>
    public TimeSpan FirstPause => Min(TimeSpan.FromMilliseconds(100), ReadDeadline / 16);

    /// <summary>Gets the time after which a canceled read counts toward opening the circuit: a quarter of the deadline.</summary>
    public TimeSpan AbandonedAfter => ReadDeadline / 4;

    /// <summary>Gets the share of attempts that must fail for the circuit to open.</summary>
    public double FailureRatio { get; init; } = 0.9;

    /// <summary>
    /// Gets the minimum number of attempts within <see cref="Window"/> for the circuit to open because of failures, and the number of canceled
    /// reads since the last response for it to open because of silence.
    /// </summary>
    public int FewestAttempts { get; init; } = 5;

    /// <summary>Gets the period over which the share is measured.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets the time for which the circuit stays open before a read is sent as a probe.</summary>
    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets the time for which the caller of a probe waits for its response: a fortieth of the deadline. A store that has recovered usually
    /// responds within it.
    /// </summary>
    public TimeSpan ProbePatience => ReadDeadline / 40;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
