using System.Globalization;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>The start and the mode of a change feed request.</summary>
/// <param name="AfterLsn">The LSN up to which the client has received the changes.</param>
/// <param name="Since">The time before which changes are omitted, or <see langword="null"/> to omit none.</param>
/// <param name="AllVersions">
/// <see langword="true"/> for all versions and deletes; <see langword="false"/> for the latest version of each existing document.
/// </param>
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
                $"The header {HeaderNames.AcceptedManipulations} is '{mode}'; it must be '{LatestVersionMode}' or '{AllVersionsMode}'."),
        };
        if (exchange.Header("If-None-Match") is { } etag)
            return new ChangeFeedStart(etag == "*" ? now.Lsn : ReadContinuation(etag), null, allVersions);
        if (allVersions)
        {
            throw CosmosErrorException.BadRequest(
                "The all-versions-and-deletes feed starts from now or from a continuation, not from the beginning or a point in time.");
        }

        return new ChangeFeedStart(0, ReadSince(exchange), allVersions);
    }

    private static long ReadContinuation(string etag)
    {
        if (long.TryParse(etag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var lsn)) return lsn;
        throw CosmosErrorException.BadRequest(
            $"The continuation '{etag}' is not valid; it must be the ETag of an earlier response, such as \"42\", or * for now.");
    }

    private static DateTimeOffset? ReadSince(Exchange exchange)
    {
        if (exchange.Header("If-Modified-Since") is not { } text) return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)) return since;
        throw CosmosErrorException.BadRequest(
            $"The header If-Modified-Since is '{text}'; it must be a date such as 'Tue, 01 Dec 2026 10:00:00 GMT'.");
    }
}
