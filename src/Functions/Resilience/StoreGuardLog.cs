namespace Lookup.Functions.Resilience;

/// <summary>The log messages of the <see cref="StoreGuard"/>: transitions only, because there can be thousands of rejected reads.</summary>
internal static partial class StoreGuardLog
{
    [LoggerMessage(1601, LogLevel.Warning, "The circuit opened: reads are rejected until a probe succeeds. Last failure: {Reason}")]
    public static partial void Opened(ILogger logger, string reason);

    [LoggerMessage(1602, LogLevel.Debug, "The probe failed: the circuit stays open until a later probe succeeds. Last failure: {Reason}")]
    public static partial void StillOpen(ILogger logger, string reason);

    [LoggerMessage(1603, LogLevel.Debug, "The circuit is half open: the next read is sent as a probe.")]
    public static partial void HalfOpened(ILogger logger);

    [LoggerMessage(1604, LogLevel.Information, "The circuit closed: a probe succeeded. {Refused} reads were rejected while it was open.")]
    public static partial void Closed(ILogger logger, long refused);

    [LoggerMessage(1605, LogLevel.Warning, "{Concurrency} reads are in flight and {Queue} are queued: further reads are rejected.")]
    public static partial void Shedding(ILogger logger, int concurrency, int queue);
}
