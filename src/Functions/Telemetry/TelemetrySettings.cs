using Lookup.Functions.Settings;

namespace Lookup.Functions.Telemetry;

/// <summary>Where metrics, traces and logs are sent, by the names that OpenTelemetry and Azure Monitor have for that.</summary>
internal sealed record TelemetrySettings
{
    private const string Otlp = "OTEL_EXPORTER_OTLP";
    private const string Insights = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    /// <summary>Where metrics go by OTLP; <see langword="null"/> for nowhere.</summary>
    public OtlpTarget? Metrics { get; private init; }

    /// <summary>Where traces go by OTLP; <see langword="null"/> for nowhere.</summary>
    public OtlpTarget? Traces { get; private init; }

    /// <summary>Where logs go by OTLP; <see langword="null"/> for nowhere.</summary>
    public OtlpTarget? Logs { get; private init; }

    /// <summary>The connection string of Application Insights.</summary>
    public string? AzureMonitor { get; private init; }

    /// <summary>Azure Monitor is signed in to with the managed identity.</summary>
    public bool SignsIn { get; private init; }

    /// <summary>Which managed identity; <see langword="null"/> for the system's.</summary>
    public string? ClientId { get; private init; }

    /// <summary>Which traces are kept is said by <c>OTEL_TRACES_SAMPLER</c>, and not by this service.</summary>
    public bool HasSampler { get; private init; }

    /// <summary>Metrics or traces are sent somewhere, or logs.</summary>
    public bool IsOn => Metrics is not null || Traces is not null || Logs is not null || AzureMonitor is not null;

    /// <summary>Traces are sent somewhere.</summary>
    public bool HasTraces => Traces is not null || AzureMonitor is not null;

    /// <exception cref="LookupSettingsException">An address is none.</exception>
    public static TelemetrySettings Read(IConfiguration configuration)
    {
        if (string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
            return new TelemetrySettings();

        var authentication = Parts(configuration["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]);
        return new TelemetrySettings
        {
            Metrics = OtlpTarget.Read(configuration, Otlp, "METRICS"),
            Traces = OtlpTarget.Read(configuration, Otlp, "TRACES"),
            Logs = OtlpTarget.Read(configuration, Otlp, "LOGS"),
            AzureMonitor = ReadInsights(configuration[Insights]),
            SignsIn = string.Equals(authentication.GetValueOrDefault("Authorization"), "AAD", StringComparison.OrdinalIgnoreCase),
            ClientId = authentication.GetValueOrDefault("ClientId"),
            HasSampler = configuration["OTEL_TRACES_SAMPLER"] is { Length: > 0 },
        };
    }

    private static string? ReadInsights(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;

        // Not quoted: it holds a key.
        return Parts(text).GetValueOrDefault("InstrumentationKey") is { } key && Guid.TryParse(key, out _)
            ? text
            : throw new LookupSettingsException(
                $"{Insights} is no connection string of Application Insights; it must look like"
                + " InstrumentationKey=<guid>;IngestionEndpoint=https://<region>.in.applicationinsights.azure.com/;");
    }

    private static Dictionary<string, string> Parts(string? text) =>
        (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.Last()[1], StringComparer.OrdinalIgnoreCase);
}
