using System.Net;
using Lookup.Functions.Tests.Support;

namespace Lookup.Functions.Tests;

/// <summary>The page at /api/docs is there, with the files that it needs, and nothing else is.</summary>
public sealed class ApiReferenceTests(SharedService shared)
{
    [Theory]
    [InlineData("", "text/html")]
    [InlineData("docs.js", "text/javascript; charset=utf-8")]
    [InlineData("favicon.svg", "image/svg+xml")]
    [InlineData("scalar.aspnetcore.js", "text/javascript")]
    [InlineData("scalar.js", "text/javascript")]
    public async Task A_file_of_the_page_is_served_to_get_and_head(string file, string contentType)
    {
        var get = await shared.Service.GetAsync($"/api/docs/{file}");
        var head = await shared.Service.SendAsync(HttpMethod.Head, $"/api/docs/{file}", null);

        Assert.Equal((HttpStatusCode.OK, contentType), (get.Status, get.ContentType));
        Assert.Equal((HttpStatusCode.OK, contentType), (head.Status, head.ContentType));
        Assert.NotEmpty(get.Text);
        Assert.Empty(head.Text);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task The_page_without_its_slash_leads_to_the_page(string method)
    {
        var answer = await RawHttp.SendAsync(shared.Service.Address, $"{method} /api/docs HTTP/1.1");

        Assert.Equal((HttpStatusCode.Redirect, "docs/"), (answer.Status, answer["Location"]));
    }

    [Theory]
    [InlineData("anything")]
    [InlineData("v1")]
    [InlineData("docs.js2")]
    [InlineData("docsxjs")]
    [InlineData("a/b")]
    [InlineData("scalar.js/more")]
    [InlineData("%2e%2e%2fopenapi.json")]
    public async Task Anything_else_below_the_page_is_not_found(string path)
    {
        var get = await RawHttp.SendAsync(shared.Service.Address, $"GET /api/docs/{path} HTTP/1.1");
        var head = await RawHttp.SendAsync(shared.Service.Address, $"HEAD /api/docs/{path} HTTP/1.1");

        get.ShouldBeProblem(404, "not-found");
        Assert.Equal(HttpStatusCode.NotFound, head.Status);
    }
}
