using System.Diagnostics.CodeAnalysis;
using Lookup.Domain.Caching;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Http;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Users;

/// <summary><c>GET|HEAD /api/users?email=…</c>: finds users by an alternate key, such as an email address.</summary>
internal sealed class FindUsers(
    UserCache cache,
    DocumentShape shape,
    CacheDirectives directives,
    LookupResponseHeaders responseHeaders,
    ResponseMemory memory,
    RequestCounters requests)
{
    /// <summary>The maximum length of a value, in characters.</summary>
    public const int MaxValueLength = 1024;

    public async Task RunAsync(HttpContext context)
    {
        if (!TryRead(context.Request.QueryString, out var key, out var problem))
        {
            await problem.WriteAsync(context);
            return;
        }

        if (!SessionTokenHeader.IsAbsent(context.Request.Headers, out problem))
        {
            await problem.WriteAsync(context);
            return;
        }

        if (!AcceptHeader.Json(context.Request.Headers.Accept))
        {
            await ProblemWriter.WriteAsync(context, ProblemKind.NotAcceptable, "Users are available only as application/json.");
            return;
        }

        ByteLease? held = null;
        try
        {
            if (await FindAsync(context, key, Hold) is { } body)
                await body.SendAsync(context, held);
        }
        finally
        {
            held?.Dispose();
        }

        async ValueTask Hold(int users)
        {
            held?.Dispose();
            held = await memory.TakeForReadAsync(users, context.RequestAborted);
        }
    }

    /// <summary>Finds the users, and writes the header of the response, or a response without users.</summary>
    /// <returns>The body, or <see langword="null"/> if the response is complete.</returns>
    private async Task<ListBody?> FindAsync(HttpContext context, AlternateKey key, Func<int, ValueTask> hold)
    {
        var result = await cache.FindAsync(key, directives.Read(context), hold, context.RequestAborted);
        requests.Count(LookupFunction.FindUsers, result.Summary);
        if (result.Summary.Status == LookupStatus.NotCached)
        {
            await NotCachedResponse.WriteAsync(context);
            return null;
        }

        // An empty list is a successful result, so its status is Found.
        responseHeaders.Write(context.Response, result.Summary with { Status = LookupStatus.Found });
        switch (Preconditions.Evaluate(context.Request.Headers))
        {
            case Precondition.Failed:
                await Preconditions.WriteFailedAsync(context);
                return null;

            case Precondition.NotModified:
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return null;
        }

        var body = new ListBody();
        foreach (var user in result.Users)
            body.Add(user);
        if (result.IsTruncated)
            body.AddTruncated();
        return body;
    }

    private bool TryRead(QueryString text, out AlternateKey key, [NotNullWhen(false)] out RequestProblem? problem)
    {
        key = default;
        problem = null;
        if (!RequestQuery.TryParse(text, out var query))
        {
            problem = new RequestProblem(ProblemKind.BadRequest, "The query must be percent-encoded UTF-8.");
            return false;
        }

        var keys = shape.AlternateKeys
            .SelectMany(path => query.ValuesOf(path.Name), (path, value) => new AlternateKey(path.Text, value))
            .ToList();
        if (keys.Count != 1)
        {
            var names = shape.AlternateKeys.Count == 0
                ? "No alternate keys are configured."
                : $"Valid names: {string.Join(", ", shape.AlternateKeys.Select(path => path.Name))}.";
            problem = new RequestProblem(
                ProblemKind.BadRequest, $"The query contains {keys.Count} alternate keys; it must contain exactly one, once. {names}");
            return false;
        }

        // An empty value usually comes from an empty field of a form, and must not list the users whose property is empty.
        key = keys[0];
        if (key.Value.Length is 0 or > MaxValueLength)
        {
            var error = key.Value.Length == 0 ? "is empty" : $"has {key.Value.Length} characters";
            var name = shape.AlternateKeys.First(path => path.Text == keys[0].Path).Name;
            problem = new RequestProblem(ProblemKind.BadRequest, $"The value of '{name}' {error}; it must have 1 to {MaxValueLength} characters.");
        }

        return problem is null;
    }
}
