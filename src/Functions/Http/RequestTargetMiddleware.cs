using Microsoft.AspNetCore.Http.Features;

namespace Lookup.Functions.Http;

/// <summary>
/// The middleware that rewrites the path so that user routes match regardless of the characters in the id: the router gets a path with a
/// placeholder for the id, and the function reads the id from the target as it was sent.
/// </summary>
internal sealed class RequestTargetMiddleware(RequestDelegate next)
{
    private static readonly PathString UserPlaceholder = UserPath.Users + "-";
    private static readonly PathString CachedUserPlaceholder = UserPath.CachedUsers + "-";

    public Task InvokeAsync(HttpContext context)
    {
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (UserPath.TryGetEncodedId(rawTarget, UserPath.Users, out var id))
        {
            if (!id.Equals("lookup", StringComparison.OrdinalIgnoreCase))
                context.Request.Path = UserPlaceholder;
        }
        else if (UserPath.TryGetEncodedId(rawTarget, UserPath.CachedUsers, out _))
        {
            context.Request.Path = CachedUserPlaceholder;
        }
        else if (context.Request.Path.StartsWithSegments("/api/users", out var rest) && rest.HasValue
            || context.Request.Path.StartsWithSegments("/api/cache/users", out rest) && rest.HasValue)
        {
            return ProblemWriter.WriteAsync(
                context, ProblemKind.BadRequest, "The path must not contain dot segments, or encoded characters before the id.");
        }

        return next(context);
    }
}
