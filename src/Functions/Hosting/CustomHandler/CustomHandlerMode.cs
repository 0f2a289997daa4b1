using Lookup.Functions.Eviction;
using Lookup.Functions.Hosting.IsolatedWorker;
using Lookup.Functions.Http;
using Microsoft.Extensions.Logging.Console;

namespace Lookup.Functions.Hosting.CustomHandler;

/// <summary>The configuration of a process that runs as an Azure Functions custom handler.</summary>
internal static class CustomHandlerMode
{
    public static void Configure(WebApplicationBuilder builder)
    {
        FunctionsHostServices.Configure(builder.Services);
        builder.Services.AddSingleton<UnproxiedRequests>();

        // The host creates one log entry from each line: at Information from standard output, and at a level derived from the words of the
        // line from standard error. Therefore, an entry is one line of JSON, and warnings and errors are written to standard error.
        builder.Logging.AddJsonConsole();
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Warning);
    }

    /// <summary>Adds middleware that notifies the parent watch of every request. It must come first, because any request counts.</summary>
    public static void Use(WebApplication app)
    {
        var watch = app.Services.GetRequiredService<ParentWatch>();
        app.Use(next => context =>
        {
            watch.NoteHost();
            return next(context);
        });
    }

    /// <summary>
    /// Maps the routes to which the host posts by the function's name. They require no key: only this machine can reach the port, and the host
    /// proxies client requests to the routes of HTTP functions only.
    /// </summary>
    public static void Map(WebApplication app)
    {
        var evictStaleUsers = app.Services.GetRequiredService<EvictStaleUsers>();
        app.MapPost($"/{nameof(EvictStaleUsers)}", LoopbackHostMiddleware.ForHostOnly(evictStaleUsers.RunAsync))
            .WithMetadata(new AccessLevel(Access.Anonymous));
        var unproxied = app.Services.GetRequiredService<UnproxiedRequests>();
        foreach (var function in HttpFunctions.Names)
            app.MapPost($"/{function}", LoopbackHostMiddleware.ForHostOnly(unproxied.RejectAsync)).WithMetadata(new AccessLevel(Access.Anonymous));
    }
}
