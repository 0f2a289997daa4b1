using System.Globalization;
using System.Text;
using System.Text.Json;
using Lookup.Functions.Tests.Support;
using Lookup.Support;

namespace Lookup.Functions.Tests.OpenApi;

public sealed class OpenApiTests(SharedService shared)
{
    [Fact]
    public async Task Description_lists_every_path_and_method()
    {
        var document = (await shared.Service.GetAsync("/api/openapi.json")).Json;

        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject(), (path, operation) => $"{operation.Name} {path.Name}").Order().ToArray();
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString());
        Assert.Equal(
            [
                "delete /api/cache", "delete /api/cache/users/{id}", "get /api/health/live", "get /api/health/ready", "get /api/openapi.json",
                "get /api/stats", "get /api/users", "get /api/users/{id}", "head /api/health/live", "head /api/health/ready", "head /api/stats",
                "head /api/users", "head /api/users/{id}", "post /api/users/lookup",
            ],
            operations);
    }

    [Theory]
    [InlineData("GET", "/api/users/{id}", "/api/users/KNOWN", null, 200)]
    [InlineData("HEAD", "/api/users/{id}", "/api/users/KNOWN", null, 200)]
    [InlineData("GET", "/api/users/{id}", "/api/users/KNOWN", "If-None-Match: *", 304)]
    [InlineData("GET", "/api/users/{id}", "/api/users/KNOWN", "If-Match: \"x\"", 412)]
    [InlineData("GET", "/api/users/{id}", "/api/users/a%2Fb", null, 400)]
    [InlineData("GET", "/api/users/{id}", "/api/users/nobody", null, 404)]
    [InlineData("GET", "/api/users/{id}", "/api/users/KNOWN", "Accept: text/html", 406)]
    [InlineData("GET", "/api/users/{id}", "/api/users/never-asked", "Cache-Control: only-if-cached", 504)]
    [InlineData("GET", "/api/users", "/api/users?email=KNOWN%40example.com", null, 200)]
    [InlineData("GET", "/api/users", "/api/users?email=KNOWN%40example.com", "If-None-Match: *", 304)]
    [InlineData("GET", "/api/users", "/api/users?email=KNOWN%40example.com", "If-Match: \"x\"", 412)]
    [InlineData("GET", "/api/users", "/api/users", null, 400)]
    [InlineData("GET", "/api/users", "/api/users?email=x", "Accept: text/html", 406)]
    [InlineData("GET", "/api/users", "/api/users?email=never-asked", "Cache-Control: only-if-cached", 504)]
    [InlineData("POST", "/api/users/lookup", """{"ids":["KNOWN","nobody"]}""", null, 200)]
    [InlineData("POST", "/api/users/lookup", """{"ids":[]}""", null, 400)]
    [InlineData("POST", "/api/users/lookup", "TOO LARGE", null, 413)]
    [InlineData("POST", "/api/users/lookup", "TEXT", null, 415)]
    [InlineData("DELETE", "/api/cache/users/{id}", "/api/cache/users/KNOWN", null, 200)]
    [InlineData("DELETE", "/api/cache/users/{id}", "/api/cache/users/a%2Fb", null, 400)]
    [InlineData("GET", "/api/stats", "/api/stats", null, 200)]
    [InlineData("GET", "/api/health/live", "/api/health/live", null, 200)]
    [InlineData("GET", "/api/health/ready", "/api/health/ready", null, 200)]
    [InlineData("GET", "/api/openapi.json", "/api/openapi.json", null, 200)]
    public async Task Responses_match_the_description(string method, string path, string request, string? header, int status)
    {
        var known = await shared.PutNewUserAsync();
        var document = (await shared.Service.GetAsync("/api/openapi.json")).Json;
        request = request.Replace("KNOWN", known, StringComparison.Ordinal);

        var (target, body) = method == "POST" ? (path, BodyOf(request)) : (request, null);
        var headers = header is null ? [] : new[] { (header.Split(": ")[0], header.Split(": ")[1]) };
        var response = await shared.Service.SendAsync(new HttpMethod(method), target, body, headers);

        Assert.Equal(status, (int)response.Status);
        var operation = document.GetProperty("paths").GetProperty(path).GetProperty(method.ToLowerInvariant());
        var described = operation.GetProperty("responses").GetProperty(status.ToString(CultureInfo.InvariantCulture));
        if (described.TryGetProperty("headers", out var fields))
        {
            foreach (var field in fields.EnumerateObject().Where(field => field.Name != "Server-Timing"))
                Assert.NotNull(response[field.Name]);
        }

        if (response.Body.Length == 0)
            return;

        var media = described.GetProperty("content").GetProperty(response.ContentType!.Split(';')[0]);
        JsonSchema.Check(response.Json, media.GetProperty("schema"), document, "$");
        if (media.TryGetProperty("example", out var example))
            JsonSchema.Check(example, media.GetProperty("schema"), document, "example");
        if (status >= 400)
            Assert.Contains(media.GetProperty("examples").EnumerateObject(), kind => IsOfType(kind.Value, response));
    }

    private static bool IsOfType(JsonElement example, TestResponse response) =>
        example.GetProperty("value").GetProperty("type").GetString() == response.Json.GetProperty("type").GetString();

    private static StringContent BodyOf(string body) => body switch
    {
        "TOO LARGE" => new StringContent(new string(' ', 300_000), Encoding.UTF8, "application/json"),
        "TEXT" => new StringContent("{}", Encoding.UTF8, "text/plain"),
        _ => new StringContent(body, Encoding.UTF8, "application/json"),
    };
}
