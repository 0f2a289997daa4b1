namespace Lookup.Emulator.Wire;

/// <summary>What a status alone does not tell; the SDK decides by these whether and how to try again.</summary>
internal static class SubStatus
{
    public const int None = 0;

    /// <summary>With 400: the key in the header is not the one in the document.</summary>
    public const int PartitionKeyMismatch = 1001;

    /// <summary>With 410: the physical range was split; ask for the ranges again.</summary>
    public const int PartitionKeyRangeGone = 1002;

    /// <summary>With 404: this state is older than the session token asks for. Not "there is no such document".</summary>
    public const int ReadSessionNotAvailable = 1002;

    /// <summary>With 412: the condition of a patch did not hold.</summary>
    public const int PatchConditionFailed = 1110;

    /// <summary>With 429: the container's throughput is used up.</summary>
    public const int RequestRateTooLarge = 3200;
}
