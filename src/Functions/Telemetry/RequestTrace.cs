using System.Diagnostics;

namespace Lookup.Functions.Telemetry;

/// <summary>The trace that a request belongs to (W3C Trace Context).</summary>
internal static class RequestTrace
{
    /// <summary>
    /// Returns the id by which the request is found in logs and traces: the id of its span; otherwise, the client's
    /// <c>traceparent</c>; otherwise, the identifier that the server assigned.
    /// </summary>
    public static string IdOf(HttpContext context) =>
        Activity.Current?.Id
        ?? (TryReadParent(context.Request.Headers, out _) ? context.Request.Headers.TraceParent.ToString() : context.TraceIdentifier);

    /// <summary>Reads the client's span. A field that is invalid or repeated is ignored.</summary>
    public static bool TryReadParent(IHeaderDictionary headers, out ActivityContext parent)
    {
        parent = default;
        var field = headers.TraceParent;
        return field.Count == 1
            && ActivityContext.TryParse(field[0], headers.TraceState is { Count: > 0 } state ? state.ToString() : null, isRemote: true, out parent);
    }
}
