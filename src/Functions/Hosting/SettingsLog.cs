namespace Lookup.Functions.Hosting;

/// <summary>Says at start what the service was told to do.</summary>
internal static partial class SettingsLog
{
    public static void Write(ILogger logger, LookupSettings settings, ListenAddresses listening)
    {
        Configured(
            logger, settings.Cosmos, settings.Cache.MaxStaleness, settings.Cache.SizeBytes >> 20, listening.IsBehindFunctionsHost);
        foreach (var name in settings.Unknown)
            UnknownSetting(logger, name);
    }

    [LoggerMessage(1001, LogLevel.Information,
        "Users are read from {Store}. Answers are at most {MaxStaleness} old; memory holds up to {Megabytes} MiB."
        + " Behind the Functions host: {Behind}.")]
    private static partial void Configured(ILogger logger, object store, TimeSpan maxStaleness, long megabytes, bool behind);

    [LoggerMessage(1002, LogLevel.Warning, "{Setting} is no setting of this service and has no effect.")]
    private static partial void UnknownSetting(ILogger logger, string setting);
}
