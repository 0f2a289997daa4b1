using System.Diagnostics.CodeAnalysis;
using Lookup.Domain.Stores;

namespace Lookup.Functions.Http;

/// <summary>The request header with Cosmos DB's session token of a write, which the result of the request must reflect.</summary>
internal static class SessionTokenHeader
{
    public const string Name = "x-ms-session-token";

    /// <summary>Reads the header of a lookup of one user.</summary>
    /// <param name="request">The header fields of the request.</param>
    /// <param name="token">The token, or <see langword="null"/> if there is none.</param>
    /// <param name="problem">The error, if the header is not valid.</param>
    public static bool TryRead(IHeaderDictionary request, out SessionToken? token, [NotNullWhen(false)] out RequestProblem? problem)
    {
        token = null;
        problem = null;
        var fields = request[Name];
        if (fields.Count == 0 || (fields.Count == 1 && SessionToken.TryParse(fields[0], out token)))
            return true;

        problem = new RequestProblem(
            ProblemKind.BadRequest, $"The header {Name} is not valid{(fields.Count > 1 ? ", because it is repeated" : "")}. {SessionToken.Rule}");
        return false;
    }

    /// <summary>Checks that a lookup of several users has no such header. If it were ignored, the client would rely on it in vain.</summary>
    public static bool IsAbsent(IHeaderDictionary request, [NotNullWhen(false)] out RequestProblem? problem)
    {
        problem = request[Name].Count == 0
            ? null
            : new RequestProblem(ProblemKind.BadRequest, $"The header {Name} is supported only by GET and HEAD of one user.");
        return problem is null;
    }
}
