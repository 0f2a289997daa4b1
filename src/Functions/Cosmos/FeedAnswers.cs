using System.Globalization;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>
/// Hears how far a feed range had come when it answered a poll. The client does not pass that on with the page.
/// </summary>
/// <remarks>
/// A page that goes as far as the range itself had come says as much as «no more changes» does. Where a user changes every few
/// milliseconds there is always one change more, and a reader who waits for «no more changes» waits for ever.
/// </remarks>
internal sealed class FeedAnswers : RequestHandler
{
    private static readonly AsyncLocal<Heard?> Listening = new();

    /// <summary>Hears the answers to the polls that the calling method sends from here on.</summary>
    public static Heard Listen() => Listening.Value = new Heard();

    public override async Task<ResponseMessage> SendAsync(RequestMessage request, CancellationToken cancellationToken)
    {
        var heard = Listening.Value;
        var response = await base.SendAsync(request, cancellationToken);
        if (heard is not null && request.Headers["A-IM"] is not null)
            heard.Note(response.Headers.Session);
        return response;
    }

    /// <summary>What was heard during one poll.</summary>
    internal sealed class Heard
    {
        private volatile string? _sessionToken;

        /// <summary>
        /// Whether a continuation goes as far as the range had come when it answered. A continuation of several ranges, as after a split,
        /// never does: the answer is of one of them.
        /// </summary>
        public bool IsReachedBy(string continuation) =>
            _sessionToken is { } token
            && TryReadRange(token, out var come)
            && TryReadContinuation(continuation, out var reached)
            && reached >= come;

        internal void Note(string? sessionToken) => _sessionToken = sessionToken;

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

        /// <summary>The client's continuation: <c>{"Continuation":[{"State":{"value":"\"42\""}}]}</c>, with one part for each range.</summary>
        private static bool TryReadContinuation(string continuation, out long lsn)
        {
            lsn = 0;
            try
            {
                using var json = JsonDocument.Parse(continuation);
                return json.RootElement.TryGetProperty("Continuation", out var parts)
                    && parts.ValueKind == JsonValueKind.Array
                    && parts.GetArrayLength() == 1
                    && parts[0].TryGetProperty("State", out var state)
                    && state.TryGetProperty("value", out var value)
                    && long.TryParse(value.GetString().AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out lsn);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                return false; // the client's own affair, and not a promise: «no more changes» will do
            }
        }
    }
}
