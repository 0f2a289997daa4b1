using Microsoft.AspNetCore.Hosting.Server;
#if !COSMOSDB_TRIGGER
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
#endif

namespace Lookup.Functions.Hosting.IsolatedWorker;

/// <summary>Configures the process to run as a .NET isolated worker of the Functions host.</summary>
internal static class IsolatedWorkerMode
{
    /// <summary>Returns whether the Functions host has started the process as its isolated worker: it then names its gRPC endpoint.</summary>
    public static bool IsChosenBy(IConfiguration configuration) =>
        configuration["functions-uri"] is not null || configuration["Functions:Worker:HostEndpoint"] is not null;

    public static void Configure(WebApplicationBuilder builder)
    {
        // The host shows what the worker logs by gRPC; it would show the console's lines a second time.
        builder.Logging.ClearProviders();
        builder.Host.ConfigureFunctionsWorkerDefaults(options =>
        {
            options.Capabilities["HandlesInvocationCancelMessage"] = bool.TrueString;
            options.Capabilities["HandlesWorkerTerminateMessage"] = bool.TrueString;
        });
        builder.Services.AddSingleton<WorkerServer>();
        builder.Services.AddSingleton<IServer>(provider => provider.GetRequiredService<WorkerServer>());
#if !COSMOSDB_TRIGGER
        builder.Services.AddSingleton<IFunctionMetadataTransformer, WithoutTrigger>();
#endif
        FunctionsHostLink.Configure(builder.Services);
    }

    /// <summary>Tells the watch of the parent that the host was there: the worker could not have started without it.</summary>
    public static void Use(WebApplication app) =>
        app.Lifetime.ApplicationStarted.Register(app.Services.GetRequiredService<ParentWatch>().Asked);
}
