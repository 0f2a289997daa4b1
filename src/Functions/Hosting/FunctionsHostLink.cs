using Lookup.Functions.Eviction;

namespace Lookup.Functions.Hosting;

/// <summary>The parts of a process that the Functions host has started, in whichever way it calls it.</summary>
internal static class FunctionsHostLink
{
    /// <summary>The time that requests in flight have after SIGTERM or the host's word to terminate.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(10);

    public static void Configure(IServiceCollection services)
    {
        services.Configure<HostOptions>(options => options.ShutdownTimeout = Drain);
        services.AddSingleton<EvictStaleUsers>();
        services.AddSingleton(provider => new ParentWatch(
            ParentProcess.Id,
            Environment.Exit,
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ParentWatch>>()));
        services.AddHostedService(provider => provider.GetRequiredService<ParentWatch>());
    }
}
