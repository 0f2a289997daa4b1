namespace Lookup.Emulator.Wire;

/// <summary>The substatus codes, from which the SDK decides whether and how to retry.</summary>
internal static class SubStatus
{
    public const int None = 0;

    /// <summary>With 400: the partition key in the header differs from the one in the document.</summary>
    public const int PartitionKeyMismatch = 1001;

    /// <summary>With 410: the physical range was split or merged; read the ranges again.</summary>
    public const int PartitionKeyRangeGone = 1002;

    /// <summary>With 404: the state is older than the session token requires. It does not mean that the document does not exist.</summary>
    public const int ReadSessionNotAvailable = 1002;

    /// <summary>With 412: the condition of a patch is not met.</summary>
    public const int PatchConditionFailed = 1110;

    /// <summary>With 429: the container's throughput is used up.</summary>
    public const int RequestRateTooLarge = 3200;
}
