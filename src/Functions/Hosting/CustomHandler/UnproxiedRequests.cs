using Lookup.Functions.Http;

namespace Lookup.Functions.Hosting.CustomHandler;

/// <summary>
/// <c>POST /&lt;function&gt;</c>: what a Functions host sends for a request to an HTTP function if it does not proxy. Every such request
/// fails, and the log says why once.
/// </summary>
/// <remarks>
/// The host describes the request in JSON, with the address decoded: another user's id could be read from it. The caller is answered
/// 500 by the host, whatever the error is here.
/// </remarks>
internal sealed partial class UnproxiedRequests(ILogger<UnproxiedRequests> logger)
{
    /// <summary>The HTTP functions, by the names of their folders.</summary>
    public static readonly string[] Functions =
        ["ClearCache", "Dashboard", "Docs", "EvictUser", "FindUsers", "GetUser", "Health", "LookupUsers", "OpenApi", "Statistics"];

    private const string VersionHeader = "X-Azure-Functions-HostVersion";

    private bool _isLogged;

    public Task RefuseAsync(HttpContext context)
    {
        if (!Interlocked.Exchange(ref _isLogged, true))
            LogNotProxied(Version.TryParse(context.Request.Headers[VersionHeader], out var version) ? version.ToString() : "of unknown version");
        return ProblemWriter.WriteAsync(context, ProblemKind.Internal, "The Functions host does not proxy HTTP requests.");
    }

    [LoggerMessage(
        1402,
        LogLevel.Critical,
        "The Functions host ({Version}) does not proxy HTTP requests, so every request to an HTTP function fails with 500."
        + " It must be 4.1040 or later, and host.json must have enableProxyingHttpRequest.")]
    private partial void LogNotProxied(string version);
}
