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
/// The export of metrics, traces and logs to the configured targets: by OTLP, to Azure Monitor, or both. If there is no target, the SDK
/// is not created.
/// </summary>
internal static class TelemetryExport
{
    /// <summary>The name of the service if <c>OTEL_SERVICE_NAME</c> is not set.</summary>
    public const string ServiceName = "lookup";

    /// <summary>Registers the exporters.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="settings">The targets.</param>
    /// <param name="isBehindFunctionsHost">
    /// <see langword="true"/> if the Functions host exports the logs of this process to Azure Monitor, so that they are not exported twice.
    /// </param>
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
        // The server's own meter is excluded: it allocates five attributes for each request, which costs a hit more than all instruments
        // of this meter.
        metrics.AddMeter(LookupTracing.SourceName, "System.Runtime");
        if (otlp is not null)
            metrics.AddOtlpExporter(otlp.Apply);
        if (azure is not null)
            metrics.AddAzureMonitorMetricExporter(azure);
    }

    private static void Configure(TracerProviderBuilder traces, TelemetrySettings settings, Action<AzureMonitorExporterOptions>? azure)
    {
        // The server's source is excluded because it creates an Activity for every request, sampled or not. The sources of the Cosmos DB
        // SDK and of the HTTP client are excluded because their spans contain document ids.
        traces.AddSource(LookupTracing.SourceName);
        if (settings.Traces is not null)
            traces.AddOtlpExporter(settings.Traces.Apply);
        if (azure is not null)
            traces.AddAzureMonitorTraceExporter(azure);

        // HeadSampling has already decided.
        if (!settings.HasSampler)
            traces.SetSampler(new ParentBasedSampler(new AlwaysOnSampler()));
    }

    /// <summary>Scopes are not exported: the server's scope contains the path, which contains the user id.</summary>
    private static void Configure(LoggerProviderBuilder logs, OtlpTarget? otlp, Action<AzureMonitorExporterOptions>? azure)
    {
        if (otlp is not null)
            logs.AddOtlpExporter(otlp.Apply);
        if (azure is not null)
            logs.AddAzureMonitorLogExporter(azure);
    }

    /// <summary>Describes the service. The environment variables are added last, so they take precedence.</summary>
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
        options.EnableLiveMetrics = false; // it would inspect every request
        if (settings.UsesManagedIdentity)
            options.Credential = CreateCredential(settings.ClientId);
    }

    private static ManagedIdentityCredential CreateCredential(string? clientId) =>
        new ManagedIdentityCredential(clientId is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(clientId));
}
