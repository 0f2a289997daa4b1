using Microsoft.AspNetCore.Hosting.Server;
#if !COSMOSDB_TRIGGER
using Microsoft.Azure.Functions.Worker.Core.FunctionMetadata;
#endif
using Microsoft.Extensions.Logging.Console;

namespace Lookup.Functions.Hosting.IsolatedWorker;

/// <summary>The configuration of a process that runs as a .NET isolated worker of the Functions host.</summary>
internal static class IsolatedWorkerMode
{
    /// <summary>Determines whether the Functions host has started the process as its isolated worker: the host then passes its gRPC endpoint.</summary>
    public static bool IsChosenBy(IConfiguration configuration) =>
        configuration["functions-uri"] is not null || configuration["Functions:Worker:HostEndpoint"] is not null;

    /// <summary>
    /// Returns arguments with the environment that the Functions host specifies, if it does. The worker's SDK applies this variable to a
    /// builder whose environment can no longer change, which fails even if the names are the same.
    /// </summary>
    public static IEnumerable<string> EnvironmentArguments() =>
        Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT") is { Length: > 0 } name ? [$"--environment={name}"] : [];

    public static void Configure(WebApplicationBuilder builder)
    {
        // The host receives log entries by gRPC, and would show console output a second time. Only ParentWatch, which reports its end, writes there.
        builder.Logging.ClearProviders().AddJsonConsole().AddFilter<ConsoleLoggerProvider>((category, _) => category == typeof(ParentWatch).FullName);
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Warning);
        FunctionsHostServices.Configure(builder.Services);
        builder.Services.AddHostedService<HostStreamWatch>();
        builder.Host.ConfigureFunctionsWorkerDefaults();
        builder.Services.AddSingleton<WorkerServer>();
        builder.Services.AddSingleton<IServer>(provider => provider.GetRequiredService<WorkerServer>());
#if !COSMOSDB_TRIGGER
        builder.Services.AddSingleton<IFunctionMetadataTransformer, WithoutTrigger>();
#endif
    }

    /// <summary>Notifies the parent watch that the host was running: the worker could not have started without it.</summary>
    public static void Use(WebApplication app) =>
        app.Lifetime.ApplicationStarted.Register(app.Services.GetRequiredService<ParentWatch>().NoteHost);
}
