using Lookup.Domain.Caching;
using Lookup.Domain.Users;
using Lookup.Functions.Http;
using Lookup.Functions.Probe;

namespace Lookup.Functions.Users;

/// <summary><c>GET|HEAD /api/users/{id}</c>: gets a user.</summary>
internal sealed class GetUser(
    UserCache cache,
    UserKeyReader keys,
    CacheDirectives directives,
    UserResponseWriter responses,
    ResponseMemory memory,
    LookupSampler sampler)
{
    public Task RunAsync(HttpContext context)
    {
        if (!keys.TryRead(context, UserPath.Users, out var key, out var problem))
            return problem.WriteAsync(context);
        if (!AcceptHeader.Json(context.Request.Headers.Accept))
            return ProblemWriter.WriteAsync(context, ProblemKind.NotAcceptable, "Users are available only as application/json.");

        if (!SessionTokenHeader.TryRead(context.Request.Headers, out var session, out problem))
            return problem.WriteAsync(context);

        sampler.Note(key);
        var requested = directives.Read(context) with { Session = session };

        // A hit does not access RequestAborted, because the server creates that token on first use.
        return cache.TryGet(key, requested, out var result)
            ? responses.WriteAsync(context, result)
            : WaitAsync(context, key, requested);
    }

    private async Task WaitAsync(HttpContext context, UserKey key, ReadDirectives requested)
    {
        using var held = await memory.TakeForReadAsync(1, context.RequestAborted);
        await responses.WriteAsync(context, await cache.GetAsync(key, requested, context.RequestAborted), held);
    }
}
