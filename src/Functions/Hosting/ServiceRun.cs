using Lookup.Functions.Settings;

namespace Lookup.Functions.Hosting;

/// <summary>Runs the service until it ends, and chooses the exit code.</summary>
internal static class ServiceRun
{
    /// <summary>The exit code of a service that was told to end.</summary>
    public const int Ended = 0;

    /// <summary>The exit code of a service that ended because a part of it failed.</summary>
    public const int Failed = 1;

    /// <summary>The exit code of a service that was told to end while the Functions host is there.</summary>
    /// <remarks>
    /// The host starts a process that ended with this code again at once. After the code 0 it starts none, and every request fails
    /// from then on. Any other code counts as a failure, and the host ends after the third.
    /// </remarks>
    public const int StartAgain = 200;

    /// <summary>Starts the service, waits until it has ended, and disposes of it.</summary>
    /// <returns>The exit code for the process.</returns>
    public static int ToEnd(WebApplication app)
    {
        var isBehindFunctionsHost = app.Services.GetRequiredService<HostingMode>().IsBehindFunctionsHost;
        var parts = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToArray();
        app.Run();
        if (parts.Any(part => part.ExecuteTask is { IsFaulted: true }))
            return Failed;
        return isBehindFunctionsHost ? StartAgain : Ended;
    }
}
