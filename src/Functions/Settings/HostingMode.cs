namespace Lookup.Functions.Settings;

/// <summary>The way in which requests reach the process.</summary>
internal sealed class HostingMode
{
    private HostingMode()
    {
    }

    /// <summary>Gets the mode of a process that serves its clients itself.</summary>
    public static HostingMode Standalone { get; } = new();

    /// <summary>Gets the mode of a process that the Functions host has started, checks keys for, and proxies requests to.</summary>
    public static HostingMode CustomHandler { get; } = new() { IsBehindFunctionsHost = true };

    /// <summary>Gets the mode of a process that the Functions host has started as its isolated worker, and calls by gRPC.</summary>
    public static HostingMode IsolatedWorker { get; } = new() { IsBehindFunctionsHost = true };

    /// <summary>Gets a value that indicates whether the Functions host is the only client.</summary>
    public bool IsBehindFunctionsHost { get; private init; }
}
