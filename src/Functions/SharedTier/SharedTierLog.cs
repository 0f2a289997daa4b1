namespace Lookup.Functions.SharedTier;

/// <summary>The log messages about the shared tier: transitions only. None contains a secret.</summary>
internal static partial class SharedTierLog
{
    [LoggerMessage(1901, LogLevel.Information, "Shared tier: {Tier}; timeout {Timeout}; time to live {TimeToLive}; entries are {Sealing}.")]
    public static partial void Configured(ILogger logger, string tier, TimeSpan timeout, TimeSpan timeToLive, string sealing);

    [LoggerMessage(1902, LogLevel.Warning,
        "Users are written to the shared tier as they are, with personal data, because Lookup__SharedTierKey is not set: a client of the tier can read and forge them.")]
    public static partial void NotSealed(ILogger logger);

    [LoggerMessage(1903, LogLevel.Information, "The shared tier, {Tier}, has responded.")]
    public static partial void Reached(ILogger logger, string tier);

    [LoggerMessage(1904, LogLevel.Warning, "The shared tier, {Tier}, cannot be reached. {Reason} Users are read from the store until it can be.")]
    public static partial void NotReached(ILogger logger, string tier, string reason);

    /// <summary>Reports that lookups read the tier again, or no longer do.</summary>
    public static void ReadsChanged(ILogger logger, bool areSent)
    {
        if (areSent)
            Recovered(logger);
        else
            Failed(logger);
    }

    [LoggerMessage(1905, LogLevel.Warning, "The shared tier does not respond: users are read from the store until a probe succeeds.")]
    private static partial void Failed(ILogger logger);

    [LoggerMessage(1906, LogLevel.Information, "The shared tier responds again.")]
    private static partial void Recovered(ILogger logger);

    [LoggerMessage(1907, LogLevel.Warning, "The shared tier is not used until the account can be read, which must have one write region. {Reason}")]
    public static partial void AccountNotRead(ILogger logger, string reason);

    [LoggerMessage(1908, LogLevel.Error, "{Reason} The shared tier is closed; a restart with Lookup__SharedTier will fail.")]
    public static partial void Closed(ILogger logger, string reason);
}
