using Lookup.Functions.Settings;

namespace Lookup.Functions.Telemetry;

/// <summary>The export targets of metrics, traces and logs, read from the variables that OpenTelemetry and Azure Monitor define.</summary>
internal sealed record TelemetrySettings
{
    private const string Otlp = "OTEL_EXPORTER_OTLP";
    private const string Insights = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string InsightsAuthentication = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    /// <summary>Gets the OTLP target of the metrics, or <see langword="null"/> if they are not exported by OTLP.</summary>
    public OtlpTarget? Metrics { get; private init; }

    /// <summary>Gets the OTLP target of the traces, or <see langword="null"/> if they are not exported by OTLP.</summary>
    public OtlpTarget? Traces { get; private init; }

    /// <summary>Gets the OTLP target of the logs, or <see langword="null"/> if they are not exported by OTLP.</summary>
    public OtlpTarget? Logs { get; private init; }

    /// <summary>Gets the connection string of Application Insights.</summary>
    public string? AzureMonitor { get; private init; }

    /// <summary>Gets a value that indicates whether the managed identity is used to authenticate to Azure Monitor.</summary>
    public bool UsesManagedIdentity { get; private init; }

    /// <summary>Gets the client id of the managed identity, or <see langword="null"/> for the system-assigned one.</summary>
    public string? ClientId { get; private init; }

    /// <summary>Gets a value that indicates whether <c>OTEL_TRACES_SAMPLER</c> configures the sampler, rather than this service.</summary>
    public bool HasSampler { get; private init; }

    /// <summary>Gets a value that indicates whether any signal is exported.</summary>
    public bool IsOn => Metrics is not null || Traces is not null || Logs is not null || AzureMonitor is not null;

    /// <summary>Gets a value that indicates whether traces are exported.</summary>
    public bool HasTraces => Traces is not null || AzureMonitor is not null;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="LookupSettingsException">A setting is not valid.</exception>
    public static TelemetrySettings Read(IConfiguration configuration)
    {
        if (string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
            return new TelemetrySettings();

        var (usesManagedIdentity, clientId) = ReadAuthentication(configuration[InsightsAuthentication]);
        return new TelemetrySettings
        {
            Metrics = OtlpTarget.Read(configuration, Otlp, "METRICS"),
            Traces = OtlpTarget.Read(configuration, Otlp, "TRACES"),
            Logs = OtlpTarget.Read(configuration, Otlp, "LOGS"),
            AzureMonitor = ReadInsights(configuration[Insights]),
            UsesManagedIdentity = usesManagedIdentity,
            ClientId = clientId,
            HasSampler = configuration["OTEL_TRACES_SAMPLER"] is { Length: > 0 },
        };
    }

    private static string? ReadInsights(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;

        // The value contains a key, so the message does not.
        return Parts(text).GetValueOrDefault("InstrumentationKey") is { } key && Guid.TryParse(key, out _)
            ? text
            : throw new LookupSettingsException(
                $"{Insights} is not a valid connection string of Application Insights; it must look like"
                + " InstrumentationKey=<guid>;IngestionEndpoint=https://<region>.in.applicationinsights.azure.com/;");
    }

    private static (bool UsesManagedIdentity, string? ClientId) ReadAuthentication(string? text)
    {
        const string Authorization = "Authorization";
        const string ClientId = "ClientId";
        if (string.IsNullOrWhiteSpace(text))
            return (false, null);

        var parts = Parts(text);
        var clientId = parts.GetValueOrDefault(ClientId);
        return parts.Remove(Authorization, out var kind)
            && kind.Equals("AAD", StringComparison.OrdinalIgnoreCase)
            && parts.Keys.All(name => name.Equals(ClientId, StringComparison.OrdinalIgnoreCase))
            && (clientId is null || Guid.TryParse(clientId, out _))
            ? (true, clientId)
            : throw new LookupSettingsException(
                $"{InsightsAuthentication} is not valid; it must be {Authorization}=AAD, with ;{ClientId}=<guid> for a user-assigned identity.");
    }

    private static Dictionary<string, string> Parts(string? text) =>
        (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.Last()[1], StringComparer.OrdinalIgnoreCase);
}
