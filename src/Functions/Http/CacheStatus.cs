using System.Globalization;
using Lookup.Domain.Caching;

namespace Lookup.Functions.Http;

/// <summary>Writes the <c>Cache-Status</c> field (RFC 9211).</summary>
internal static class CacheStatus
{
    public const string OnlyIfCached = "lookup; detail=only-if-cached";

    private const int Prepared = 3600;

    // A hit says how long it stays fresh, in whole seconds: few different texts, said a million times.
    private static readonly string[] Hits =
        [.. Enumerable.Range(0, Prepared).Select(ttl => string.Create(CultureInfo.InvariantCulture, $"lookup; hit; ttl={ttl}"))];

    public static string Of(in LookupResult answer)
    {
        var ttl = WholeSeconds(answer.TimeToLive);
        if (answer.Source == LookupSource.Hit)
            return ttl is >= 0 and < Prepared ? Hits[ttl] : FormattableString.Invariant($"lookup; hit; ttl={ttl}");

        var forwarded = answer.Source switch
        {
            LookupSource.Miss => "miss",
            LookupSource.Stale => "stale",
            _ => "request",
        };
        if (answer.IsInsteadOfError)
            return FormattableString.Invariant($"lookup; fwd={forwarded}; ttl={ttl}; detail=store-failed");

        var status = answer.IsRevalidated ? 304 : answer.Status == LookupStatus.NotFound ? 404 : 200;
        var stored = answer.IsStored ? "; stored" : "";
        var collapsed = answer.IsCollapsed ? "; collapsed" : "";
        return FormattableString.Invariant($"lookup; fwd={forwarded}; fwd-status={status}{stored}{collapsed}; ttl={ttl}");
    }

    /// <summary>Rounded down, also below zero.</summary>
    private static long WholeSeconds(TimeSpan time) =>
        time.Ticks >= 0 ? time.Ticks / TimeSpan.TicksPerSecond : (time.Ticks - TimeSpan.TicksPerSecond + 1) / TimeSpan.TicksPerSecond;
}
