namespace Lookup.Functions.Cosmos.Containers;

/// <summary>The log messages of the <see cref="ContainerCheck"/>.</summary>
internal static partial class ContainerLog
{
    [LoggerMessage(1701, LogLevel.Information, "{Definition}")]
    public static partial void Matches(ILogger logger, string definition);

    [LoggerMessage(1702, LogLevel.Warning, "{Reason}")]
    public static partial void NotCompared(ILogger logger, string reason);

    [LoggerMessage(1703, LogLevel.Error, "{Reason} No user is read from this container.")]
    public static partial void Differs(ILogger logger, string reason);

    [LoggerMessage(1704, LogLevel.Debug, "The container was checked again, with the same result: {Detail}")]
    public static partial void SameAgain(ILogger logger, string detail);
}
