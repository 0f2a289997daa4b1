using System.Globalization;
using System.Net;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>Hears each answer of the store to a poll of the change feed. The SDK does not pass all of them on with the page.</summary>
/// <remarks>
/// <para>
/// A page that goes as far as the range itself had come says as much as "no more changes" does. If a user changes every few
/// milliseconds there is always one change more, and a reader that waits for "no more changes" waits forever.
/// </para>
/// <para>
/// And a 304 need not be one. If a continuation has several parts, and the first has no more changes while another fails, the SDK gives
/// its caller the 304, and the failure only to the next call of the same iterator.
/// </para>
/// </remarks>
internal sealed class FeedResponses : RequestHandler
{
    /// <summary>The SDK hands properties of the request options that are objects on to the handlers; strings become headers.</summary>
    private const string Property = "lookup.feed";

    public override async Task<ResponseMessage> SendAsync(RequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Properties.TryGetValue(Property, out var property) && property is Heard heard)
            heard.Note(response);
        return response;
    }

    /// <summary>The answers to one poll.</summary>
    internal sealed class Heard
    {
        private volatile string? _sessionToken;
        private volatile bool _isNotModified;

        /// <summary>The options of a poll whose answers are to be heard here.</summary>
        public ChangeFeedRequestOptions Options(int pageSize) =>
            new() { PageSizeHint = pageSize, Properties = new Dictionary<string, object> { [Property] = this } };

        /// <summary>The store itself said that there were no more changes, and said nothing after that.</summary>
        public bool IsNotModified => _isNotModified;

        /// <summary>Compares a continuation of one part with how far the range had come when it answered.</summary>
        public bool IsReachedBy(string continuation) =>
            _sessionToken is { } token
            && TryReadRange(token, out var come)
            && FeedContinuation.TryReadLsn(continuation, out var reached)
            && reached >= come;

        internal void Note(ResponseMessage response)
        {
            _sessionToken = response.Headers.Session;
            _isNotModified = response.StatusCode == HttpStatusCode.NotModified;
        }

        /// <summary>A session token of one range: <c>range:version#lsn</c>, of which <c>#region=lsn</c> may follow, or <c>range:lsn</c>.</summary>
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
