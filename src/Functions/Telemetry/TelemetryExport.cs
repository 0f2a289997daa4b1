using System.Reflection;
using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Lookup.Functions.Settings;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Lookup.Functions.Telemetry;

/// <summary>
/// Sends metrics, traces and logs where the settings say: by OTLP, to Azure Monitor, or both. Where they say nothing, no SDK is built.
/// </summary>
internal static class TelemetryExport
{
    /// <summary>The name of the service where <c>OTEL_SERVICE_NAME</c> gives none.</summary>
    public const string ServiceName = "lookup";

    /// <param name="services">Where to register.</param>
    /// <param name="settings">Where to send.</param>
    /// <param name="isBehindFunctionsHost">The Functions host sends to Azure Monitor what this process logs, so it is not sent twice.</param>
    public static void Add(IServiceCollection services, TelemetrySettings settings, bool isBehindFunctionsHost)
    {
        if (!settings.IsOn)
            return;

        Action<AzureMonitorExporterOptions>? azure = settings.AzureMonitor is null ? null : options => Apply(settings, options);
        var builder = services.AddOpenTelemetry();
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) => metrics.ConfigureResource(resource => Describe(resource, provider)));
        services.ConfigureOpenTelemetryTracerProvider((provider, traces) => traces.ConfigureResource(resource => Describe(resource, provider)));
        services.ConfigureOpenTelemetryLoggerProvider((provider, logs) => logs.ConfigureResource(resource => Describe(resource, provider)));

        if (settings.Metrics is not null || azure is not null)
            builder.WithMetrics(metrics => Configure(metrics, settings.Metrics, azure));
        if (settings.HasTraces)
            builder.WithTracing(traces => Configure(traces, settings, azure));
        if (settings.Logs is not null || (azure is not null && !isBehindFunctionsHost))
            builder.WithLogging(logs => Configure(logs, settings.Logs, isBehindFunctionsHost ? null : azure));
    }

    private static void Configure(MeterProviderBuilder metrics, OtlpTarget? otlp, Action<AzureMonitorExporterOptions>? azure)
    {
        // Not the server's own meter: it lists five attributes for each request, which costs a hit more than all of this meter's.
        metrics.AddMeter(LookupTracing.SourceName, "System.Runtime");
        if (otlp is not null)
            metrics.AddOtlpExporter(otlp.Apply);
        if (azure is not null)
            metrics.AddAzureMonitorMetricExporter(azure);
    }

    private static void Configure(TracerProviderBuilder traces, TelemetrySettings settings, Action<AzureMonitorExporterOptions>? azure)
    {
        // Not the server: it would make an Activity for every request, dropped or not. Nor the SDK of Cosmos DB and the HTTP client: their
        // spans name the documents that they read.
        traces.AddSource(LookupTracing.SourceName);
        if (settings.Traces is not null)
            traces.AddOtlpExporter(settings.Traces.Apply);
        if (azure is not null)
            traces.AddAzureMonitorTraceExporter(azure);

        // HeadSampling has decided already.
        if (!settings.HasSampler)
            traces.SetSampler(new ParentBasedSampler(new AlwaysOnSampler()));
    }

    /// <summary>Scopes stay out: the server's names the path, and the path the user.</summary>
    private static void Configure(LoggerProviderBuilder logs, OtlpTarget? otlp, Action<AzureMonitorExporterOptions>? azure)
    {
        if (otlp is not null)
            logs.AddOtlpExporter(otlp.Apply);
        if (azure is not null)
            logs.AddAzureMonitorLogExporter(azure);
    }

    /// <summary>What the environment says comes last, and so holds.</summary>
    private static void Describe(ResourceBuilder resource, IServiceProvider provider) => resource
        .Clear()
        .AddService(
            ServiceName,
            serviceVersion: typeof(TelemetryExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
            autoGenerateServiceInstanceId: false,
            serviceInstanceId: provider.GetRequiredService<InstanceIdentity>().Id)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private static void Apply(TelemetrySettings settings, AzureMonitorExporterOptions options)
    {
        options.ConnectionString = settings.AzureMonitor;
        options.EnableLiveMetrics = false; // it would look at every request
        if (settings.SignsIn)
            options.Credential = SignIn(settings.ClientId);
    }

    private static ManagedIdentityCredential SignIn(string? clientId) =>
        new ManagedIdentityCredential(clientId is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(clientId));
}
