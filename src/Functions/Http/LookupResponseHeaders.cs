using System.Globalization;
using Lookup.Domain.Caching;

namespace Lookup.Functions.Http;

/// <summary>
/// The writer of the header fields that all lookup responses have: <c>Age</c>, <c>Cache-Control</c>, <c>Cache-Status</c>,
/// <c>Server-Timing</c> and <c>X-Content-Type-Options</c>.
/// </summary>
internal sealed class LookupResponseHeaders(HttpOptions options)
{
    private const int Prepared = 3600;

    private static readonly string[] Ages =
        [.. Enumerable.Range(0, Prepared).Select(age => age.ToString(CultureInfo.InvariantCulture))];

    public void Write(HttpResponse response, in LookupResult result)
    {
        var headers = response.Headers;
        headers.CacheControl = options.CacheControl;
        headers.Age = AgeOf(result.Age);
        headers["Cache-Status"] = CacheStatus.For(result);
        headers.XContentTypeOptions = "nosniff";
        if (result.StoreDuration > TimeSpan.Zero)
            headers["Server-Timing"] = FormattableString.Invariant($"store;dur={result.StoreDuration.TotalMilliseconds:0.#}");
    }

    /// <summary>Formats an age in whole seconds, rounded down (RFC 9111 §5.1).</summary>
    private static string AgeOf(TimeSpan age)
    {
        var seconds = age.Ticks / TimeSpan.TicksPerSecond;
        return seconds < Prepared ? Ages[seconds] : seconds.ToString(CultureInfo.InvariantCulture);
    }
}
