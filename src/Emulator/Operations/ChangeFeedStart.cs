using System.Globalization;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>Where a feed request wants to go on, and in which mode.</summary>
/// <param name="AfterLsn">Changes up to this LSN are known to the client.</param>
/// <param name="Since">Leaves out what is older; null for nothing.</param>
/// <param name="AllVersions">Every version and deletions too, instead of the latest version of what still exists.</param>
internal readonly record struct ChangeFeedStart(long AfterLsn, DateTimeOffset? Since, bool AllVersions)
{
    private const string LatestVersionMode = "Incremental feed";
    private const string AllVersionsMode = "Full-Fidelity Feed";

    public static ChangeFeedStart Read(Exchange exchange, RangePosition now)
    {
        var allVersions = exchange.Header(HeaderNames.AcceptedManipulations) switch
        {
            AllVersionsMode => true,
            var mode when string.Equals(mode, LatestVersionMode, StringComparison.OrdinalIgnoreCase) => false,
            var mode => throw CosmosErrorException.BadRequest(
                $"The header {HeaderNames.AcceptedManipulations} is '{mode}'; it takes '{LatestVersionMode}' or '{AllVersionsMode}'."),
        };
        if (exchange.Header("If-None-Match") is { } etag)
            return new ChangeFeedStart(etag == "*" ? now.Lsn : ReadContinuation(etag), null, allVersions);
        if (allVersions)
        {
            throw CosmosErrorException.BadRequest(
                "The change feed of all versions and deletes starts from now or from a continuation, not from the beginning or a point in time.");
        }

        return new ChangeFeedStart(0, ReadSince(exchange), allVersions);
    }

    private static long ReadContinuation(string etag)
    {
        if (long.TryParse(etag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var lsn)) return lsn;
        throw CosmosErrorException.BadRequest($"The continuation '{etag}' is invalid: it is the ETag of an earlier answer, such as \"42\", or * for now.");
    }

    private static DateTimeOffset? ReadSince(Exchange exchange)
    {
        if (exchange.Header("If-Modified-Since") is not { } text) return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)) return since;
        throw CosmosErrorException.BadRequest($"The header If-Modified-Since is '{text}'; it takes a date such as 'Tue, 01 Dec 2026 10:00:00 GMT'.");
    }
}
