using System.Globalization;
using Lookup.Domain.Caching;

namespace Lookup.Functions.Http;

/// <summary>The formatter of the <c>Cache-Status</c> field (RFC 9211).</summary>
internal static class CacheStatus
{
    public const string OnlyIfCached = "lookup; detail=only-if-cached";

    private const int Prepared = 3600;

    // The field of a hit contains the time for which the result remains fresh, in whole seconds. There are few such texts, used very often.
    private static readonly string[] Hits =
        [.. Enumerable.Range(0, Prepared).Select(ttl => string.Create(CultureInfo.InvariantCulture, $"lookup; hit; ttl={ttl}"))];

    public static string For(in LookupResult result)
    {
        var ttl = WholeSeconds(result.TimeToLive);
        if (result.Source == LookupSource.Hit)
            return ttl is >= 0 and < Prepared ? Hits[ttl] : FormattableString.Invariant($"lookup; hit; ttl={ttl}");

        var forwarded = result.Source switch
        {
            LookupSource.Miss => "miss",
            LookupSource.Stale => "stale",
            _ => "request",
        };
        if (result.IsInsteadOfError)
            return FormattableString.Invariant($"lookup; fwd={forwarded}; ttl={ttl}; detail=store-failed");

        var status = result.IsRevalidated ? 304 : result.Status == LookupStatus.NotFound ? 404 : 200;
        var stored = result.IsStored ? "; stored" : "";
        var collapsed = result.IsCollapsed ? "; collapsed" : "";

        // The first member is the cache that is the farthest from the client (RFC 9211 §2).
        var tier = result.IsFromSharedTier ? "lookup-tier; hit, " : "";
        return FormattableString.Invariant($"{tier}lookup; fwd={forwarded}; fwd-status={status}{stored}{collapsed}; ttl={ttl}");
    }

    /// <summary>Rounds down to whole seconds, including below zero.</summary>
    private static long WholeSeconds(TimeSpan time) =>
        time.Ticks >= 0 ? time.Ticks / TimeSpan.TicksPerSecond : (time.Ticks - TimeSpan.TicksPerSecond + 1) / TimeSpan.TicksPerSecond;
}
