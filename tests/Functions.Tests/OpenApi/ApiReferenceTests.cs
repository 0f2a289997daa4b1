using System.IO.Compression;
using System.Net;
using Lookup.Functions.Support;
using Lookup.Functions.Tests.Support;
using Lookup.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Functions.Tests.OpenApi;

/// <summary>The page at <c>/api/docs</c> and its files are served, and nothing else below that path.</summary>
public sealed class ApiReferenceTests(SharedService shared)
{
    [Theory]
    [InlineData("", "text/html")]
    [InlineData("docs.js", "text/javascript; charset=utf-8")]
    [InlineData("favicon.svg", "image/svg+xml")]
    [InlineData("scalar.aspnetcore.js", "text/javascript")]
    [InlineData("scalar.js", "text/javascript")]
    public async Task File_of_the_page_is_served_to_GET_and_HEAD(string file, string contentType)
    {
        var get = await shared.Service.GetAsync($"/api/docs/{file}");
        var head = await shared.Service.SendAsync(HttpMethod.Head, $"/api/docs/{file}", null);

        Assert.Equal((HttpStatusCode.OK, contentType), (get.Status, get.ContentType));
        Assert.Equal((HttpStatusCode.OK, contentType), (head.Status, head.ContentType));
        Assert.NotEmpty(get.Text);
        Assert.Empty(head.Text);
    }

    [Theory]
    [InlineData("docs.js")]
    [InlineData("favicon.svg")]
    [InlineData("scalar.aspnetcore.js")]
    [InlineData("scalar.js")]
    public async Task File_supports_client_caching_and_compression(string file)
    {
        var plain = await shared.Service.GetAsync($"/api/docs/{file}");
        var compressed = await shared.Service.GetAsync($"/api/docs/{file}", ("Accept-Encoding", "br, gzip;q=0.5"));
        var refused = await shared.Service.GetAsync($"/api/docs/{file}", ("Accept-Encoding", "gzip;q=0, identity"));
        var again = await shared.Service.GetAsync($"/api/docs/{file}", ("If-None-Match", plain["ETag"]!));

        Assert.Equal((null, "gzip", null), (plain["Content-Encoding"], compressed["Content-Encoding"], refused["Content-Encoding"]));
        Assert.Equal(plain.Body, Inflate(compressed.Body));
        Assert.Equal(plain.Body, refused.Body);
        Assert.NotEqual(plain["ETag"], compressed["ETag"]);
        Assert.Equal("public, max-age=86400", plain["Cache-Control"]);
        Assert.Equal("Accept-Encoding", plain["Vary"]);
        Assert.Equal((HttpStatusCode.NotModified, 0), (again.Status, again.Body.Length));
        Assert.Equal(plain["ETag"], again["ETag"]);
    }

    /// <summary>Invokes the endpoint directly, because allocations of the server cannot be attributed to one request.</summary>
    [Fact]
    public async Task Large_file_is_not_rebuilt_for_each_request()
    {
        var services = shared.Service.Services;
        var file = services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Single(endpoint => endpoint.RoutePattern.RawText == "/api/docs/scalar.js").RequestDelegate!;
        var length = (await shared.Service.GetAsync("/api/docs/scalar.js")).Body.Length;
        var context = new DefaultHttpContext { RequestServices = services };
        await file(context);
        Assert.Equal(length, context.Response.ContentLength);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
        {
            var serving = file(context);
            Assert.True(serving.IsCompletedSuccessfully); // synchronously, so its allocations are those of this thread
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, length / 2);
    }

    [Fact]
    public async Task Page_and_its_files_can_be_disabled()
    {
        await using var service = await Service.StartUnarmedAsync(shared.Store.ConnectionString, null, ("Lookup__ApiReference", "false"));

        foreach (var path in (string[])["/api/docs", "/api/docs/", "/api/docs/docs.js", "/api/docs/scalar.js"])
            (await service.GetAsync(path)).ShouldBeProblem(404, "not-found");
    }

    private static byte[] Inflate(byte[] compressed)
    {
        using var inflated = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress))
            gzip.CopyTo(inflated);
        return inflated.ToArray();
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task Page_without_its_trailing_slash_redirects_to_the_page(string method)
    {
        var response = await RawHttp.SendAsync(shared.Service.Address, $"{method} /api/docs HTTP/1.1");

        Assert.Equal((HttpStatusCode.Redirect, "docs/"), (response.Status, response["Location"]));
    }

    [Theory]
    [InlineData("anything")]
    [InlineData("v1")]
    [InlineData("docs.js2")]
    [InlineData("docsxjs")]
    [InlineData("a/b")]
    [InlineData("scalar.js/more")]
    [InlineData("%2e%2e%2fopenapi.json")]
    public async Task Other_paths_below_the_page_are_not_found(string path)
    {
        var get = await RawHttp.SendAsync(shared.Service.Address, $"GET /api/docs/{path} HTTP/1.1");
        var head = await RawHttp.SendAsync(shared.Service.Address, $"HEAD /api/docs/{path} HTTP/1.1");

        get.ShouldBeProblem(404, "not-found");
        Assert.Equal(HttpStatusCode.NotFound, head.Status);
    }
}
