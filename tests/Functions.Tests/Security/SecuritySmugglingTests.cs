using System.Text;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Security;

/// <summary>Requests of ambiguous length, about which two servers could disagree (RFC 9112 §11.2). None may smuggle in a second request.</summary>
public sealed class SecuritySmugglingTests(SharedService shared)
{
    private const string Hidden = "GET /api/users/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private const string Last = "GET /api/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    [Theory]
    [InlineData("both lengths", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("both lengths, the other way round", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n")]
    [InlineData("a coding that is not chunked", "Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("chunked, but not at the end", "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n")]
    [InlineData("two codings in two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n")]
    [InlineData("chunked twice", "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("chunked in two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("identity and chunked", "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("identity and chunked in two lines", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("gzip and chunked", "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("an unknown coding and chunked", "Transfer-Encoding: foo, chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("chunked in quotes", "Transfer-Encoding: x;a=\"b, chunked\"\r\n\r\n0\r\n\r\n")]
    [InlineData("an empty coding and chunked", "Transfer-Encoding: , chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("chunked with a parameter", "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n")]
    [InlineData("two lengths", "Content-Length: 0\r\nContent-Length: 53\r\n\r\n")]
    [InlineData("a list of lengths", "Content-Length: 0, 53\r\n\r\n")]
    [InlineData("a blank before the colon", "Content-Length : 53\r\n\r\n")]
    [InlineData("a folded line", "X: a\r\n Content-Length: 53\r\n\r\n")]
    [InlineData("a bare carriage return in the header", "X: a\rContent-Length: 53\r\n\r\n")]
    [InlineData("an invalid chunk size", "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n")]
    [InlineData("a line feed inside the extension of a chunk", "Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n0\r\n\r\n")]
    public async Task Request_of_ambiguous_length_is_rejected_and_nothing_after_it_is_processed(string what, string rest)
    {
        var request = $"POST /api/users/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{rest}{Hidden}{Last}";

        var response = Encoding.Latin1.GetString(await RawHttp.ExchangeAsync(shared.Service.Address, Encoding.Latin1.GetBytes(request)));

        // "user-not-found" would be the response to the hidden request.
        Assert.True(!response.Contains("user-not-found", StringComparison.Ordinal), $"{what}: {response}");
        Assert.StartsWith("HTTP/1.1 4", response);
        Assert.Single(response.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>The connection is closed on any route, even if the body is not read, and also behind the Functions host.</summary>
    [Theory]
    [InlineData("chunked, chunked", "1.1", false)]
    [InlineData("gzip, chunked", "1.1", true)]
    [InlineData("x;a=\"b, chunked\"", "1.1", false)]
    [InlineData("chunked", "1.0", false)]
    public async Task Transfer_coding_other_than_chunked_is_rejected_and_closes_the_connection(string coding, string version, bool isBehindFunctionsHost)
    {
        await using var service = await Service.StartUnarmedAsync(
            shared.Store.ConnectionString, null, isBehindFunctionsHost ? [("FUNCTIONS_CUSTOMHANDLER_PORT", $"{FreePort.Next()}")] : []);
        var request = $"GET /api/health/live HTTP/{version}\r\nHost: localhost\r\nConnection: keep-alive\r\nTransfer-Encoding: {coding}\r\n\r\n0\r\n\r\n{Last}";

        var response = Encoding.Latin1.GetString(await RawHttp.ExchangeAsync(service.Address, Encoding.Latin1.GetBytes(request)));

        Assert.StartsWith("HTTP/1.1 400 ", response);
        Assert.Contains("Connection: close", response);
        Assert.Single(response.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Chunked_coding_is_case_insensitive()
    {
        var request = "POST /api/users/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
            + "Transfer-Encoding:  CHUNKED \r\n\r\n12\r\n{\"ids\":[\"nobody\"]}\r\n0\r\n\r\n";

        var response = Encoding.Latin1.GetString(await RawHttp.ExchangeAsync(shared.Service.Address, Encoding.Latin1.GetBytes(request)));

        Assert.StartsWith("HTTP/1.1 200 ", response);
    }

    [Theory]
    [InlineData("Content-Length: 53\r\n\r\n")]
    [InlineData("Content-Length: +53\r\n\r\n")] // the server accepts the sign, but must not read another number
    [InlineData("X: a\nContent-Length: 53\r\n\r\n")] // RFC 9112 §2.2 allows a bare line feed as a line terminator
    [InlineData("Transfer-Encoding: chunked\r\n\r\n35\r\n")]
    public async Task Unexpected_body_is_not_parsed_as_a_second_request(string rest)
    {
        Assert.Equal(53, Hidden.Length);
        var end = rest.Contains("chunked", StringComparison.Ordinal) ? "\r\n0\r\n\r\n" : "";
        var request = $"GET /api/health/live HTTP/1.1\r\nHost: localhost\r\n{rest}{Hidden}{end}{Last}";

        var response = Encoding.Latin1.GetString(await RawHttp.ExchangeAsync(shared.Service.Address, Encoding.Latin1.GetBytes(request)));

        Assert.DoesNotContain("user-not-found", response);
        Assert.Equal(2, response.Split("HTTP/1.1 200 ").Length - 1);
    }
}
