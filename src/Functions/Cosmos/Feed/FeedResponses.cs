using System.Globalization;
using System.Net;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>
/// A request handler that observes each response of the store to a poll of the change feed. The page that the SDK returns does not
/// represent all of them.
/// </summary>
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
internal sealed class FeedResponses : RequestHandler
{
    /// <summary>
    /// The name of the property of the request options that holds the <see cref="PollResponses"/>. The SDK passes properties that are
    /// objects to the handlers, and converts strings to headers.
    /// </summary>
    private const string Property = "lookup.feed";

    public override async Task<ResponseMessage> SendAsync(RequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Properties.TryGetValue(Property, out var property) && property is PollResponses responses)
            responses.Note(response);
        return response;
    }

    /// <summary>The observed responses to one poll.</summary>
    internal sealed class PollResponses
    {
        private volatile string? _sessionToken;
        private volatile bool _isNotModified;

        /// <summary>Creates the options of a poll that reports its responses to this instance.</summary>
        public ChangeFeedRequestOptions Options(int pageSize) =>
            new() { PageSizeHint = pageSize, Properties = new Dictionary<string, object> { [Property] = this } };

        /// <summary>Gets a value that indicates whether the last response of the store was "no more changes".</summary>
        public bool IsNotModified => _isNotModified;

        /// <summary>
        /// Determines whether a continuation of one part has reached the position of the range at the time of its response.
        /// </summary>
        public bool IsReachedBy(string continuation) =>
            _sessionToken is { } token
            && TryReadRange(token, out var current)
            && FeedContinuation.TryReadLsn(continuation, out var reached)
            && reached >= current;

        internal void Note(ResponseMessage response)
        {
            _sessionToken = response.Headers.Session;
            _isNotModified = response.StatusCode == HttpStatusCode.NotModified;
        }

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
    }
}
