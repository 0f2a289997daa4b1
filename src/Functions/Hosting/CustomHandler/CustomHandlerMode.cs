using Lookup.Functions.Eviction;
using Lookup.Functions.Http;
using Microsoft.Extensions.Logging.Console;

namespace Lookup.Functions.Hosting.CustomHandler;

/// <summary>What the process does only where the Functions host has started it as its custom handler.</summary>
internal static class CustomHandlerMode
{
    /// <summary>How long requests in flight may still take after SIGTERM.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(10);

    public static void Configure(WebApplicationBuilder builder)
    {
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Drain);
        builder.Services.AddSingleton<EvictStaleUsers>();
        builder.Services.AddSingleton<UnproxiedRequests>();
        builder.Services.AddSingleton(provider => new ParentWatch(
            ParentProcess.Id,
            Environment.Exit,
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ParentWatch>>()));
        builder.Services.AddHostedService(provider => provider.GetRequiredService<ParentWatch>());

        // The host makes one entry of each line that it reads: of the standard output as information, of the standard error as what
        // the line's words say it is. So an entry is one line of JSON, and warnings and errors go where their level is seen.
        builder.Logging.AddJsonConsole();
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Warning);
    }

    /// <summary>Tells the watch of the parent that the host asks. To be the first of all middleware, since any request says it.</summary>
    public static void Use(WebApplication app)
    {
        var watch = app.Services.GetRequiredService<ParentWatch>();
        app.Use(next => context =>
        {
            watch.Asked();
            return next(context);
        });
    }

    /// <summary>
    /// Maps what the host posts to by the function's name. No key is asked for: the host alone reaches the port, and it proxies
    /// nothing of its callers' but the routes of HTTP functions.
    /// </summary>
    public static void Map(WebApplication app)
    {
        var evictStaleUsers = app.Services.GetRequiredService<EvictStaleUsers>();
        app.MapPost($"/{nameof(EvictStaleUsers)}", LoopbackHostMiddleware.ForHostOnly(evictStaleUsers.RunAsync))
            .WithMetadata(new AccessLevel(Access.Anonymous));
        var unproxied = app.Services.GetRequiredService<UnproxiedRequests>();
        foreach (var function in UnproxiedRequests.Functions)
            app.MapPost($"/{function}", LoopbackHostMiddleware.ForHostOnly(unproxied.RefuseAsync)).WithMetadata(new AccessLevel(Access.Anonymous));
    }
}
