using System.Text.Json;

namespace Lookup.Benchmarks.Http.Servers;

/// <summary>
/// The minimal endpoint: the server, one handler, and prepared bytes and fields. It does not inspect the request.
/// </summary>
internal static class BareEndpoint
{
    public static async Task<int> RunAsync(string responseFile, bool withRoute, string[] args)
    {
        var prepared = PreparedResponse.Load(responseFile);
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        await using var app = builder.Build();
        RequestDelegate handler = prepared.Status == StatusCodes.Status200OK ? Whole(prepared) : NotModified(prepared);
        if (withRoute)
            app.MapGet("/api/users/{id}", handler);
        else
            app.Run(handler);
        await app.RunAsync();
        return 0;
    }

    private static RequestDelegate Whole(PreparedResponse prepared)
    {
        var body = prepared.Body.AsMemory();
        var fields = new Fields(prepared.Fields);
        return context =>
        {
            var response = context.Response;
            fields.Write(response.Headers);
            response.ContentType = "application/json";
            response.ContentLength = body.Length;
            return SendAsync(response, body);
        };
    }

    private static Task SendAsync(HttpResponse response, ReadOnlyMemory<byte> body)
    {
        var sending = response.BodyWriter.WriteAsync(body);
        return sending.IsCompletedSuccessfully ? Task.CompletedTask : sending.AsTask();
    }

    private static RequestDelegate NotModified(PreparedResponse prepared)
    {
        var fields = new Fields(prepared.Fields);
        return context =>
        {
            fields.Write(context.Response.Headers);
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        };
    }

    private sealed class Fields(Dictionary<string, string> values)
    {
        private readonly string _cacheControl = values["Cache-Control"];
        private readonly string _age = values["Age"];
        private readonly string _cacheStatus = values["Cache-Status"];
        private readonly string _contentTypeOptions = values["X-Content-Type-Options"];
        private readonly string _etag = values["ETag"];
        private readonly string _lastModified = values["Last-Modified"];

        public void Write(IHeaderDictionary headers)
        {
            headers.CacheControl = _cacheControl;
            headers.Age = _age;
            headers["Cache-Status"] = _cacheStatus;
            headers.XContentTypeOptions = _contentTypeOptions;
            headers.ETag = _etag;
            headers.LastModified = _lastModified;
        }
    }
}

/// <summary>A prepared HTTP response.</summary>
internal sealed record PreparedResponse(int Status, Dictionary<string, string> Fields, byte[] Body)
{
    public static PreparedResponse Load(string path) => JsonSerializer.Deserialize<PreparedResponse>(File.ReadAllBytes(path))!;

    public void Save(string path) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(this));
}
