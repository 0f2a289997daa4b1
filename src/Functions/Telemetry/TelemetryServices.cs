namespace Lookup.Functions.Telemetry;

/// <summary>Registers what is counted, whether or not anybody exports it.</summary>
internal static class TelemetryServices
{
    public static void Add(IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<LookupMeter>();
        services.AddSingleton<RequestCounters>();
        services.AddSingleton<StoreCounters>();
        services.AddSingleton<FeedCounters>();
        services.AddSingleton<ProbeCounters>();
        services.AddHostedService<LookupInstruments>();
        services.AddSingleton<FunctionRun>();
    }
}
