using System.Diagnostics;

namespace Lookup.Functions.Telemetry;

/// <summary>Which trace a request belongs to (W3C Trace Context).</summary>
internal static class RequestTrace
{
    /// <summary>
    /// What finds the request in logs and traces: its span; else its caller's, by <c>traceparent</c>; else the server's own name for it.
    /// </summary>
    public static string IdOf(HttpContext context) =>
        Activity.Current?.Id
        ?? (TryReadParent(context.Request.Headers, out _) ? context.Request.Headers.TraceParent.ToString() : context.TraceIdentifier);

    /// <summary>Reads the caller's span. A field that is wrong, or there twice, is as none.</summary>
    public static bool TryReadParent(IHeaderDictionary headers, out ActivityContext parent)
    {
        parent = default;
        var field = headers.TraceParent;
        return field.Count == 1
            && ActivityContext.TryParse(field[0], headers.TraceState is { Count: > 0 } state ? state.ToString() : null, isRemote: true, out parent);
    }
}
