using System.Runtime.ExceptionServices;
using Lookup.Functions.Settings;

namespace Lookup.Functions.Hosting;

/// <summary>The run of the service, from start to exit code.</summary>
internal static class ServiceRun
{
    /// <summary>The exit code of a service that was stopped.</summary>
    public const int Ended = 0;

    /// <summary>The exit code of a service that stopped because one of its background services failed.</summary>
    public const int Failed = 1;

    /// <summary>The exit code of a custom handler that was stopped while the Functions host is running.</summary>
    /// <remarks>
    /// After this code, the host restarts the process immediately. After code 0, it does not restart the process, and every further
    /// request fails. Any other code counts as a failure, and the host exits after the third in half an hour.
    /// </remarks>
    public const int StartAgain = 200;

    /// <summary>The exit code of an isolated worker that was stopped while the Functions host is running: that of a process that ends on SIGTERM.</summary>
    /// <remarks>
    /// The host sends requests until it notices the end. After <see cref="StartAgain"/>, it would wait for the responses to these until the
    /// time limit of functions, which is 30 minutes by default. After a failure, it fails them immediately, and restarts the process too.
    /// </remarks>
    public const int WorkerEnded = 143;

    /// <summary>Starts the service, waits until it has stopped, and disposes of it.</summary>
    /// <returns>The exit code for the process.</returns>
    /// <exception cref="LookupSettingsException">The service stopped because a setting does not match the container.</exception>
    public static int ToEnd(WebApplication app)
    {
        var mode = app.Services.GetRequiredService<HostingMode>();
        var parts = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToArray();
        app.Run();
        if (parts.Select(part => part.ExecuteTask?.Exception?.InnerException).OfType<LookupSettingsException>().FirstOrDefault() is { } invalid)
            ExceptionDispatchInfo.Throw(invalid);
        if (parts.Any(part => part.ExecuteTask is { IsFaulted: true }))
            return Failed;
        if (mode == HostingMode.IsolatedWorker)
            return WorkerEnded;
        return mode.IsBehindFunctionsHost ? StartAgain : Ended;
    }
}
