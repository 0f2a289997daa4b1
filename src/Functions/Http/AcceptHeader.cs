using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Lookup.Functions.Http;

/// <summary>Evaluates <c>Accept</c> (RFC 9110 §12.5.1) for the one media type that there is.</summary>
internal static class AcceptHeader
{
    public static bool Json(StringValues accept)
    {
        if (accept.Count == 0 || accept is ["*/*"] or ["application/json"] or [null or ""])
            return true;
        if (!MediaTypeHeaderValue.TryParseList(accept, out var ranges))
            return true; // who says it wrongly gets what there is

        // Of the ranges that include it the most specific one decides.
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

    /// <summary>Parameters such as charset make no difference: there is one representation.</summary>
    private static MediaTypeHeaderValue WithoutParameters(MediaTypeHeaderValue range) => new(range.MediaType);
}
