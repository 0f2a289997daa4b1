namespace Lookup.Functions.Http;

/// <summary>An error in a request.</summary>
/// <param name="Kind">The problem type.</param>
/// <param name="Detail">The error, and the valid values.</param>
internal sealed record RequestProblem(ProblemKind Kind, string Detail)
{
    public Task WriteAsync(HttpContext context) => ProblemWriter.WriteAsync(context, Kind, Detail);
}
