using System.Diagnostics.CodeAnalysis;
using Lookup.Domain.Caching;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Http;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Users;

/// <summary><c>GET|HEAD /api/users?email=…</c>: who has this email, or whatever else users are found by?</summary>
internal sealed class FindUsers(
    UserCache cache,
    DocumentShape shape,
    CacheDirectives directives,
    LookupResponseHeaders answerHeaders,
    RequestCounters requests)
{
    /// <summary>The longest value that is looked for, in characters.</summary>
    public const int MaxValueLength = 1024;

    public async Task RunAsync(HttpContext context)
    {
        if (!TryRead(context.Request.QueryString, out var key, out var problem))
        {
            await problem.WriteAsync(context);
            return;
        }

        if (!AcceptHeader.Json(context.Request.Headers.Accept))
        {
            await ProblemWriter.WriteAsync(context, ProblemKind.NotAcceptable, "Users are given as application/json.");
            return;
        }

        var answer = await cache.FindAsync(key, directives.Read(context), context.RequestAborted);
        requests.Count(LookupFunction.FindUsers, answer.Summary);
        if (answer.Summary.Status == LookupStatus.NotCached)
        {
            await NotCachedResponse.WriteAsync(context);
            return;
        }

        // An empty list is an answer like any other: it is found.
        answerHeaders.Write(context.Response, answer.Summary with { Status = LookupStatus.Found });
        var body = new ListBody();
        foreach (var user in answer.Users)
            body.Add(user);
        if (answer.IsTruncated)
            body.AddTruncated();
        await body.SendAsync(context);
    }

    private bool TryRead(QueryString text, out AlternateKey key, [NotNullWhen(false)] out RequestProblem? problem)
    {
        key = default;
        problem = null;
        if (!RequestQuery.TryParse(text, out var query))
        {
            problem = new RequestProblem(ProblemKind.BadRequest, "The query must be UTF-8 in percent-encoding.");
            return false;
        }

        var asked = shape.AlternateKeys
            .SelectMany(path => query.ValuesOf(path.Name), (path, value) => new AlternateKey(path.Text, value))
            .ToList();
        if (asked.Count != 1)
        {
            var names = shape.AlternateKeys.Count == 0
                ? "none is configured"
                : "it is one of " + string.Join(", ", shape.AlternateKeys.Select(path => path.Name));
            problem = new RequestProblem(
                ProblemKind.BadRequest, $"The query must give exactly one alternate key, and once; here are {asked.Count}. Its name: {names}.");
            return false;
        }

        key = asked[0];
        if (key.Value.Length is 0 or > MaxValueLength)
        {
            problem = new RequestProblem(
                ProblemKind.BadRequest, $"The value has {key.Value.Length} characters; it must have 1 to {MaxValueLength}.");
        }

        return problem is null;
    }
}
