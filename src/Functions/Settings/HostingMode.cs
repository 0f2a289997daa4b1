namespace Lookup.Functions.Settings;

/// <summary>The way in which requests reach the process.</summary>
internal sealed class HostingMode
{
    private HostingMode()
    {
    }

    /// <summary>Gets the mode of a process that clients reach without the Functions host.</summary>
    public static HostingMode Standalone { get; } = new();

    /// <summary>Gets the mode of a process that runs as a custom handler: the Functions host starts it, checks keys, and proxies requests to it by HTTP.</summary>
    public static HostingMode CustomHandler { get; } = new() { IsBehindFunctionsHost = true };

    /// <summary>Gets the mode of a process that runs as an isolated worker: the Functions host starts it, checks keys, and sends requests to it by gRPC.</summary>
    public static HostingMode IsolatedWorker { get; } = new() { IsBehindFunctionsHost = true };

    /// <summary>Gets a value that indicates whether the Functions host has started the process and passes requests to it.</summary>
    public bool IsBehindFunctionsHost { get; private init; }
}
