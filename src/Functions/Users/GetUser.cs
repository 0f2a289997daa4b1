using Lookup.Domain.Caching;
using Lookup.Domain.Users;
using Lookup.Functions.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lookup.Functions.Users;

/// <summary><c>GET|HEAD /api/users/{id}</c>: who is user X?</summary>
internal sealed class GetUser(UserCache cache, UserResponseWriter responses)
{
    public async Task RunAsync(HttpContext context)
    {
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        UserPath.TryGetEncodedId(rawTarget, UserPath.Users, out var encoded);
        if (!PercentDecoder.TryDecode(encoded, plusIsSpace: false, out var id))
        {
            await ProblemWriter.WriteAsync(context, ProblemKind.InvalidId, "The user id must be UTF-8 in percent-encoding.");
            return;
        }

        if (!UserKey.TryCreate(id, null, out var key, out var problem))
        {
            await ProblemWriter.WriteAsync(context, ProblemKind.InvalidId, problem);
            return;
        }

        var answer = await cache.GetAsync(key, default, context.RequestAborted);
        await responses.WriteAsync(context, answer);
    }
}
