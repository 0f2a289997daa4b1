namespace Lookup.Functions.Http;

/// <summary>What is wrong with a request.</summary>
/// <param name="Kind">Which problem.</param>
/// <param name="Detail">What was wrong, and what would be right.</param>
internal sealed record RequestProblem(ProblemKind Kind, string Detail)
{
    public Task WriteAsync(HttpContext context) => ProblemWriter.WriteAsync(context, Kind, Detail);
}
