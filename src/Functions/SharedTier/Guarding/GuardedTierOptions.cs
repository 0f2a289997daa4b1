namespace Lookup.Functions.SharedTier.Guarding;

/// <summary>The options of <see cref="GuardedTier"/>.</summary>
internal sealed record GuardedTierOptions
{
    /// <summary>Gets the time limit of a call to the tier.</summary>
    /// <value>50 ms by default: a healthy tier responds in less than 1 ms, and Cosmos DB itself in 5 to 10 ms.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Gets the number of consecutive failures after which no calls are sent for a while.</summary>
    /// <value>5 by default.</value>
    public int FailuresBeforeBreak { get; init; } = 5;

    /// <summary>Gets the time for which no calls are sent, after which one is sent as a probe.</summary>
    /// <value>1 s by default.</value>
    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the maximum number of reads in flight, which is also how many callers wait when the tier stops responding.</summary>
    /// <value>256 by default: at 1 ms per read, that is 256,000 reads per second.</value>
    public int MaxReads { get; init; } = 256;

    /// <summary>Gets the maximum size of a value in bytes.</summary>
    /// <value>
    /// 64 KiB by default. All values share the connections: 3 MB values raised the 99th percentile of 1 KB reads to 2.3 ms, and 64 KiB take half a
    /// millisecond on a line of 1 Gbit/s. A user document usually has 1 to 4 KB.
    /// </value>
    public int MaxValueBytes { get; init; } = 64 << 10;

    /// <summary>Gets the maximum number of keys that wait to be written.</summary>
    /// <value>1,024 by default.</value>
    public int MaxQueuedWrites { get; init; } = 1024;

    /// <summary>Gets the maximum size of the values that wait to be written, in bytes.</summary>
    /// <value>8 MiB by default.</value>
    public int MaxQueuedBytes { get; init; } = 8 << 20;

    /// <summary>Gets the maximum number of queued writes in flight.</summary>
    /// <value>8 by default: at 1 ms per write, that is 8,000 writes per second.</value>
    public int MaxWriters { get; init; } = 8;

    /// <summary>
    /// Gets the callback for the circuit of reads: <see langword="false"/> when reads are no longer sent, <see langword="true"/> when they are again.
    /// It must neither block nor throw.
    /// </summary>
    /// <value>None by default.</value>
    public Action<bool>? ReadsChanged { get; init; }
}
