using Lookup.Functions.Eviction;

namespace Lookup.Functions.Hosting;

/// <summary>The services of a process that the Functions host has started, as a custom handler or as an isolated worker.</summary>
internal static class FunctionsHostServices
{
    /// <summary>The time in which requests in flight can complete after SIGTERM or <c>worker_terminate</c>.</summary>
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
