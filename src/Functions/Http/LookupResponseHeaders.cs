using System.Globalization;
using Lookup.Domain.Caching;

namespace Lookup.Functions.Http;

/// <summary>Writes how an answer came about into its header: how old it is, where it came from, what may be done with it.</summary>
internal sealed class LookupResponseHeaders(HttpOptions options)
{
    private const int Prepared = 3600;

    private static readonly string[] Ages =
        [.. Enumerable.Range(0, Prepared).Select(age => age.ToString(CultureInfo.InvariantCulture))];

    public void Write(HttpResponse response, in LookupResult answer)
    {
        var headers = response.Headers;
        headers.CacheControl = options.CacheControl;
        headers.Age = AgeOf(answer.Age);
        headers["Cache-Status"] = CacheStatus.Of(answer);
        headers.XContentTypeOptions = "nosniff";
        if (answer.StoreDuration > TimeSpan.Zero)
            headers["Server-Timing"] = FormattableString.Invariant($"store;dur={answer.StoreDuration.TotalMilliseconds:0.#}");
    }

    /// <summary>Whole seconds, rounded down (RFC 9111 §5.1).</summary>
    private static string AgeOf(TimeSpan age)
    {
        var seconds = age.Ticks / TimeSpan.TicksPerSecond;
        return seconds < Prepared ? Ages[seconds] : seconds.ToString(CultureInfo.InvariantCulture);
    }
}
