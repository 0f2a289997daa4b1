using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Lookup.Emulator.Wire;

/// <summary>
/// The check of the signature of each request: an HMAC-SHA256 of the method, the resource and the date, with the account key
/// (docs: "Access control in the Azure Cosmos DB for NoSQL REST API").
/// </summary>
internal sealed class MasterKeyAuthorization
{
    private const string Prefix = "type=master&ver=1.0&sig=";
    private const int SignatureLength = 32;
    private const int StackLimit = 1024;

    // A signature is valid for 15 minutes from its date. Dates in the future are not documented; according to reports of users, Cosmos DB
    // rejects dates that are less than seven minutes ahead.
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(5);

    private readonly byte[] _key;
    private readonly TimeProvider _clock;
    private long _clockOffset;

    /// <param name="clock">The real clock, because clients sign with theirs, whatever clock the stored documents use.</param>
    public MasterKeyAuthorization(string key, TimeProvider clock)
    {
        _key = Convert.FromBase64String(key);
        _clock = clock;
    }

    /// <summary>Gets or sets the time by which the clock of the endpoint is ahead of the real time, or behind it if negative.</summary>
    public TimeSpan ClockOffset
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _clockOffset));
        set => Interlocked.Exchange(ref _clockOffset, value.Ticks);
    }

    public void Check(Exchange exchange)
    {
        // "Required Header …", "The input authorization token …" and "The authorization token is not valid …" are Cosmos DB's own texts.
        var token = exchange.Header("authorization")
            ?? throw Unauthorized("Required Header authorization is missing. Ensure a valid Authorization token is passed.");
        var date = exchange.Header(HeaderNames.Date) ?? exchange.Header("date")
            ?? throw Unauthorized($"Required Header {HeaderNames.Date} is missing; it must be a date such as 'Tue, 01 Dec 2026 10:00:00 GMT'.");
        Span<byte> signature = stackalloc byte[SignatureLength];
        if (!TryReadSignature(token, signature))
            throw Unauthorized($"The input authorization token is invalid; it must be '{Prefix}' and a base64 signature, URL-encoded.");
        CheckDate(date);

        var path = exchange.Path;
        if (IsSigned(signature, exchange.Method, path.Kind, path.OwnerLink, date)) return;
        if (path.LinkWithSlashedId is { } link && IsSigned(signature, exchange.Method, "docs", link, date)) return;
        // The signature of a resource that is addressed by its RID contains the RID alone.
        if (path.OwnerResourceId is { } resourceId && IsSigned(signature, exchange.Method, path.Kind, resourceId.ToLowerInvariant(), date)) return;
        throw Unauthorized(
            "The input authorization token can't serve the request. The wrong key is being used or the expected payload is not built as per the protocol. "
            + $"Server used the following payload to sign: '{Payload(exchange.Method, path.Kind, path.OwnerLink, date).ReplaceLineEndings("\\n")}'.");
    }

    private static bool TryReadSignature(string token, Span<byte> signature)
    {
        var decoded = token.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(token) : token;
        return decoded.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            && Convert.TryFromBase64Chars(decoded.AsSpan(Prefix.Length), signature, out var length)
            && length == SignatureLength;
    }

    private bool IsSigned(ReadOnlySpan<byte> signature, string method, string kind, string link, string date)
    {
        var payload = Payload(method, kind, link, date);
        var maxLength = Encoding.UTF8.GetMaxByteCount(payload.Length);
        var buffer = maxLength <= StackLimit ? stackalloc byte[StackLimit] : new byte[maxLength];
        var length = Encoding.UTF8.GetBytes(payload, buffer);
        Span<byte> expected = stackalloc byte[SignatureLength];
        HMACSHA256.HashData(_key, buffer[..length], expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }

    private static string Payload(string method, string kind, string link, string date) =>
        $"{method.ToLowerInvariant()}\n{kind}\n{link}\n{date.ToLowerInvariant()}\n\n";

    private void CheckDate(string text)
    {
        if (!DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
            throw Unauthorized($"The date '{text}' is not valid; {HeaderNames.Date} must be a date such as 'Tue, 01 Dec 2026 10:00:00 GMT'.");
        var now = _clock.GetUtcNow() + ClockOffset;
        if (now - date <= Validity && date - now <= MaxAhead) return;
        throw new CosmosErrorException(
            HttpStatusCode.Forbidden,
            "The authorization token is not valid at the current time. Please create another token and retry "
            + $"(token start time: {text}, token expiry time: {date + Validity:r}, current server time: {now:r}).");
    }

    private static CosmosErrorException Unauthorized(string message) => new(HttpStatusCode.Unauthorized, message);
}
