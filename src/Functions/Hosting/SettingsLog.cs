using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Settings;

namespace Lookup.Functions.Hosting;

/// <summary>The log messages about settings.</summary>
internal static partial class SettingsLog
{
    /// <summary>Logs the effective settings at startup.</summary>
    public static void Write(ILogger logger, LookupSettings settings, HostingMode mode)
    {
        Configured(
            logger, settings.Cosmos, settings.Cache.MaxStaleness, settings.Cache.SizeBytes >> 20, settings.Connections.Max, mode.IsBehindFunctionsHost);
        if (settings.Connections.Warning is { } warning && mode != HostingMode.IsolatedWorker)
            FewConnections(logger, warning);
        if (settings.Shape.HiddenFields.Count > 0)
            HiddenFields(logger, string.Join(", ", settings.Shape.HiddenFields));
        else
            NoHiddenFields(logger);
        foreach (var name in settings.Unknown)
            UnknownSetting(logger, name);
        foreach (var name in settings.Cosmos.Account.Overridden)
            OverriddenSetting(logger, name);
        if (settings.Cosmos.Account.AcceptsAnyCertificate)
            AnyCertificate(logger, settings.Cosmos.Account.Endpoint);
    }

    [LoggerMessage(1001, LogLevel.Information,
        "Settings: store {Store}; staleness bound {MaxStaleness}; cache size {Megabytes} MiB; at most {Connections} connections; behind the Functions host: {Behind}.")]
    private static partial void Configured(ILogger logger, object store, TimeSpan maxStaleness, long megabytes, int connections, bool behind);

    [LoggerMessage(1008, LogLevel.Warning, "{Reason}. Raise the limit or lower the setting.")]
    private static partial void FewConnections(ILogger logger, string reason);

    [LoggerMessage(1003, LogLevel.Information, "Hidden fields of users: {Paths}.")]
    private static partial void HiddenFields(ILogger logger, string paths);

    [LoggerMessage(1004, LogLevel.Information, "No field of users is hidden, because Lookup__HiddenFields is empty.")]
    private static partial void NoHiddenFields(ILogger logger);

    [LoggerMessage(1005, LogLevel.Warning,
        "None of the first {Count} users read has the hidden field {Path}; check the spelling of Lookup__HiddenFields.")]
    public static partial void HiddenFieldNotFound(ILogger logger, JsonPath path, int count);

    [LoggerMessage(1006, LogLevel.Warning, "{Setting} has no effect, because CosmosConnection is a connection string.")]
    private static partial void OverriddenSetting(ILogger logger, string setting);

    [LoggerMessage(1007, LogLevel.Warning,
        "The certificate of {Endpoint} is not verified (DisableServerCertificateValidation), so users could be read and changed in transit.")]
    private static partial void AnyCertificate(ILogger logger, Uri endpoint);

    [LoggerMessage(1002, LogLevel.Warning, "{Setting} is not a setting of this service and has no effect.")]
    private static partial void UnknownSetting(ILogger logger, string setting);
}
