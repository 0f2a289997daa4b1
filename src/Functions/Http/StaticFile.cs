using System.IO.Compression;
using System.Net.Mime;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Lookup.Functions.Http;

/// <summary>
/// A file that is the same for all clients. It is served from memory, plain or compressed, in portions, and only as long as the client reads.
/// Browsers cache it for a day, and then revalidate it with its entity tag.
/// </summary>
internal sealed class StaticFile
{
    private const string CacheControl = "public, max-age=86400";

    private readonly string _contentType;
    private readonly Representation _plain;
    private readonly Representation _compressed;

    public StaticFile(string contentType, byte[] content)
    {
        _contentType = contentType;
        _plain = new Representation(content, null, TagOf(content));
        var compressed = Compress(content);
        _compressed = new Representation(compressed, "gzip", TagOf(compressed));
    }

    /// <summary>Creates a file from the response of an endpoint that would decompress it for each request.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="services">The services for the endpoint.</param>
    /// <exception cref="InvalidOperationException">The response is not 200, or has a content coding.</exception>
    public static async Task<StaticFile> CreateAsync(RequestDelegate endpoint, IServiceProvider services)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Method = HttpMethods.Get;
        context.Response.Body = body;
        await endpoint(context);
        await context.Response.CompleteAsync();
        if (context.Response.StatusCode != StatusCodes.Status200OK || context.Response.Headers.ContentEncoding.Count > 0)
        {
            throw new InvalidOperationException(
                $"The endpoint returned status {context.Response.StatusCode} and content coding '{context.Response.Headers.ContentEncoding}';"
                + " the status must be 200, without a content coding.");
        }

        return new StaticFile(context.Response.ContentType ?? MediaTypeNames.Application.Octet, body.ToArray());
    }

    public async Task WriteAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var file = AcceptsGzip(request.Headers.AcceptEncoding) ? _compressed : _plain;
        var headers = response.Headers;
        headers.CacheControl = CacheControl;
        headers.ETag = file.Tag;
        headers.Vary = "Accept-Encoding";
        headers.XContentTypeOptions = "nosniff";
        switch (Preconditions.Evaluate(request.Headers, file.Tag))
        {
            case Precondition.Failed:
                await Preconditions.WriteFailedAsync(context);
                return;

            case Precondition.NotModified:
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
        }

        response.ContentType = _contentType;
        response.ContentLength = file.Content.Length;
        if (file.Coding is not null)
            headers.ContentEncoding = file.Coding;
        if (HttpMethods.IsHead(request.Method))
            return;

        await response.BodyWriter.WriteInPortionsAsync(file.Content, context.RequestAborted);
    }

    /// <summary>Determines whether the field accepts gzip (RFC 9110 §12.5.3). Without the field, the file is sent uncompressed.</summary>
    private static bool AcceptsGzip(StringValues fields) =>
        StringWithQualityHeaderValue.TryParseList(fields, out var codings)
        && codings.Any(coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && coding.Quality is not 0);

    private static byte[] Compress(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
            gzip.Write(content);
        return compressed.ToArray();
    }

    private static string TagOf(byte[] content) => $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\"";

    private sealed record Representation(byte[] Content, string? Coding, string Tag);
}
