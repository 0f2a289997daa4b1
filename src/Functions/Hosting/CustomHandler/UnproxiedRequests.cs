using Lookup.Functions.Http;

namespace Lookup.Functions.Hosting.CustomHandler;

/// <summary>
/// <c>POST /&lt;function&gt;</c>: the requests that a Functions host sends for HTTP functions if it does not proxy. Every such request
/// fails, and the reason is logged once.
/// </summary>
/// <remarks>
/// The host describes the client's request in JSON, with a decoded URL, from which the id of another user could be read. The host returns
/// 500 to the client, regardless of the error here.
/// </remarks>
internal sealed partial class UnproxiedRequests(ILogger<UnproxiedRequests> logger)
{
    private const string VersionHeader = "X-Azure-Functions-HostVersion";

    private bool _isLogged;

    public Task RejectAsync(HttpContext context)
    {
        if (!Interlocked.Exchange(ref _isLogged, true))
            LogNotProxied(Version.TryParse(context.Request.Headers[VersionHeader], out var version) ? version.ToString() : "of unknown version");
        return ProblemWriter.WriteAsync(context, ProblemKind.Internal, "The Functions host does not proxy HTTP requests.");
    }

    [LoggerMessage(
        1402,
        LogLevel.Critical,
        "The Functions host ({Version}) does not proxy HTTP requests, so every request to an HTTP function fails with 500."
        + " The host must be 4.1040 or later, and custom-handler.settings.json must be in the app settings.")]
    private partial void LogNotProxied(string version);
}
