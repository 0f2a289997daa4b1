using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.Http;

/// <summary>Tests of request bodies in a content coding, which no route accepts (RFC 9110 §15.5.16).</summary>
public sealed class ContentCodingTests(SharedService shared)
{
    [Theory]
    [InlineData("gzip")]
    [InlineData("GZIP")]
    [InlineData("br")]
    [InlineData("identity, gzip")]
    [InlineData("unknown")]
    public async Task Lookup_with_an_encoded_body_returns_415_and_the_accepted_coding(string coding)
    {
        var response = await shared.Service.SendAsync(HttpMethod.Post, "/api/users/lookup", BodyIn(coding));

        response.ShouldBeProblem(415, "unsupported-media-type");
        Assert.Equal("identity", response["Accept-Encoding"]);
        Assert.Contains("Content-Encoding", response.Json.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("Identity")]
    [InlineData("")]
    public async Task Lookup_with_a_body_in_no_coding_is_served(string coding)
    {
        var body = new StringContent("""{"ids":["nobody"]}""", Encoding.UTF8, "application/json");
        body.Headers.TryAddWithoutValidation("Content-Encoding", coding);

        Assert.Equal(HttpStatusCode.OK, (await shared.Service.SendAsync(HttpMethod.Post, "/api/users/lookup", body)).Status);
    }

    [Fact]
    public async Task Trigger_with_an_encoded_body_returns_415_and_the_accepted_coding()
    {
        await using var service = await Service.StartUnarmedAsync(
            shared.Store.ConnectionString, null, ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{FreePort.Next()}"));

        var response = await service.SendAsync(HttpMethod.Post, "/EvictStaleUsers", BodyIn("gzip"));

        response.ShouldBeProblem(415, "unsupported-media-type");
        Assert.Equal("identity", response["Accept-Encoding"]);
    }

    private static ByteArrayContent BodyIn(string coding)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write("""{"ids":["nobody"]}"""u8);
        var body = new ByteArrayContent(compressed.ToArray());
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        body.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        return body;
    }
}
