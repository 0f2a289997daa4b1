using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Lookup.Functions.Http;

/// <summary>The evaluation of <c>Accept</c> (RFC 9110 §12.5.1) for the only media type of the service.</summary>
internal static class AcceptHeader
{
    public static bool Json(StringValues accept)
    {
        if (accept.Count == 0 || accept is ["*/*"] or ["application/json"] or [null or ""])
            return true;
        if (!MediaTypeHeaderValue.TryParseList(accept, out var ranges))
            return true; // an invalid field is ignored

        // The most specific matching media range takes precedence.
        var json = new MediaTypeHeaderValue("application/json");
        MediaTypeHeaderValue? best = null;
        foreach (var range in ranges)
        {
            if (json.IsSubsetOf(WithoutParameters(range)) && (best is null || Specificity(range) > Specificity(best)))
                best = range;
        }

        return best is not null && best.Quality is null or > 0;
    }

    private static int Specificity(MediaTypeHeaderValue range) => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;

    /// <summary>Removes parameters such as charset, which make no difference because there is only one representation.</summary>
    private static MediaTypeHeaderValue WithoutParameters(MediaTypeHeaderValue range) => new(range.MediaType);
}
