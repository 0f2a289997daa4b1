namespace Lookup.Functions.Http;

/// <summary>The body of an error answer (RFC 9457 §3).</summary>
/// <param name="Type">Names the kind of problem; stable.</param>
/// <param name="Title">What that kind means.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="TraceId">Finds this request in the logs.</param>
/// <param name="Detail">What was wrong with this request, and what would be right.</param>
internal sealed record ProblemBody(string Type, string Title, int Status, string TraceId, string? Detail = null);
