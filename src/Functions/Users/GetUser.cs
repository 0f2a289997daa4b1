using Lookup.Domain.Caching;
using Lookup.Functions.Http;
using Lookup.Functions.Probe;

namespace Lookup.Functions.Users;

/// <summary><c>GET|HEAD /api/users/{id}</c>: who is user X?</summary>
internal sealed class GetUser(
    UserCache cache,
    UserKeyReader keys,
    CacheDirectives directives,
    UserResponseWriter responses,
    LookupSampler served)
{
    public Task RunAsync(HttpContext context)
    {
        if (!keys.TryRead(context, UserPath.Users, out var key, out var problem))
            return problem.WriteAsync(context);
        if (!AcceptHeader.Json(context.Request.Headers.Accept))
            return ProblemWriter.WriteAsync(context, ProblemKind.NotAcceptable, "Users are given as application/json.");

        served.Note(key);
        var asked = directives.Read(context);
        return cache.TryGet(key, asked, out var answer)
            ? responses.WriteAsync(context, answer)
            : WaitAsync(context, cache.GetAsync(key, asked, context.RequestAborted)); // a token that a hit does without: it is made when asked for
    }

    private async Task WaitAsync(HttpContext context, ValueTask<LookupResult> answering) =>
        await responses.WriteAsync(context, await answering);
}
