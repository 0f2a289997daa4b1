namespace Lookup.Functions.Telemetry;

/// <summary>The registration of the counters and instruments, which are needed even if nothing is exported.</summary>
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
