namespace Lookup.Functions.Resilience;

/// <summary>What the log hears of the <see cref="StoreGuard"/>: changes only, since what it refuses comes by the thousand.</summary>
internal static partial class StoreGuardLog
{
    [LoggerMessage(1601, LogLevel.Warning, "The store is ill: reads are refused until one that is let through succeeds. The last failure: {Reason}")]
    public static partial void Opened(ILogger logger, string reason);

    [LoggerMessage(1602, LogLevel.Debug, "The store is still ill; it is tried again. The last failure: {Reason}")]
    public static partial void StillOpen(ILogger logger, string reason);

    [LoggerMessage(1603, LogLevel.Debug, "One read tries whether the store is well again.")]
    public static partial void HalfOpened(ILogger logger);

    [LoggerMessage(1604, LogLevel.Information, "The store answers again: it is read as before. {Refused} reads were refused meanwhile.")]
    public static partial void Closed(ILogger logger, long refused);

    [LoggerMessage(1605, LogLevel.Warning, "{Concurrency} reads are with the store and {Queue} wait: further ones are refused.")]
    public static partial void Shedding(ILogger logger, int concurrency, int queue);
}
