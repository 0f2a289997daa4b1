namespace Lookup.Functions.Http;

/// <summary>The body of an error response (RFC 9457 §3).</summary>
/// <param name="Type">The URI that identifies the problem type. It is stable, so clients can compare it.</param>
/// <param name="Title">A short description of the problem type.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="TraceId">The trace id, which identifies the request in logs and traces.</param>
/// <param name="Detail">A description of the error in this request, with the valid values.</param>
internal sealed record ProblemBody(string Type, string Title, int Status, string TraceId, string? Detail = null);
