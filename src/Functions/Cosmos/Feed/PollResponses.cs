using System.Globalization;
using System.Net;
using Lookup.Domain.Freshness;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>The responses of the store to one poll of the change feed. The page that the SDK returns does not represent all of them.</summary>
/// <remarks>
/// <para>
/// A page that extends to the position that the range itself had reached is equivalent to "no more changes". If a user changes every few
/// milliseconds, there is always another change, and a reader that waits for "no more changes" would wait forever.
/// </para>
/// <para>
/// Conversely, a 304 does not always mean "no more changes". If a continuation has several parts, and the first has no more changes while
/// another one fails, the SDK returns the 304 to its caller, and reports the failure only to the next call of the same iterator.
/// </para>
/// </remarks>
/// <param name="partitions">The partitions that responses name.</param>
/// <param name="log">The number of the container's log.</param>
internal sealed class PollResponses(ResponsePartitions partitions, long log) : IResponseListener
{
    private volatile Last? _last;

    /// <summary>Creates the options of a poll that reports its responses to this instance.</summary>
    public ChangeFeedRequestOptions Options(int pageSize) =>
        new() { PageSizeHint = pageSize, Properties = ResponseObserver.PropertiesFor(this) };

    /// <summary>Gets a value that indicates whether the last response of the store was "no more changes".</summary>
    public bool IsNotModified => _last?.Status == HttpStatusCode.NotModified;

    /// <summary>
    /// Determines whether a continuation of one part has reached the position of the range at the time of its response.
    /// </summary>
    public bool IsReachedBy(string continuation) =>
        _last?.SessionToken is { } token
        && TryReadRange(token, out var current)
        && FeedContinuation.TryReadLsn(continuation, out var reached)
        && reached >= current;

    /// <summary>
    /// Returns the position that the replica had reached that returned a page, or nothing if the last response of the store is not the one
    /// that the SDK returned.
    /// </summary>
    public LogPosition PositionOf(ResponseMessage page) => _last is { } last && last.Status == page.StatusCode ? last.Position : default;

    /// <summary>Gets the time of the last response by Cosmos DB's clock, if it contained one.</summary>
    public DateTimeOffset? Date => _last?.Date;

    public void Note(ResponseMessage response) => _last = new Last(
        response.StatusCode, response.Headers.Session, partitions.PositionOf(response, log), CosmosCall.DateOf(response));

    /// <summary>
    /// Reads the LSN from the session token of one range: <c>range:version#lsn</c>, which <c>#region=lsn</c> can follow, or
    /// <c>range:lsn</c>.
    /// </summary>
    private static bool TryReadRange(string token, out long lsn)
    {
        var text = token.AsSpan(token.IndexOf(':', StringComparison.Ordinal) + 1);
        if (text.IndexOf('#') is var version and >= 0)
            text = text[(version + 1)..];
        if (text.IndexOf('#') is var regions and >= 0)
            text = text[..regions];
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out lsn);
    }

    private sealed record Last(HttpStatusCode Status, string? SessionToken, LogPosition Position, DateTimeOffset? Date);
}
