using System.Globalization;
using System.Text.Json;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Http;

/// <summary>The writer of error responses, which are <c>application/problem+json</c>.</summary>
internal static class ProblemWriter
{
    public const string ContentType = "application/problem+json";

    /// <summary>Writes an error response.</summary>
    /// <param name="context">The context of the request.</param>
    /// <param name="kind">The problem type.</param>
    /// <param name="detail">The error in this request, without secrets and without the text of exceptions.</param>
    /// <param name="retryAfter">The time after which the client can retry.</param>
    public static async Task WriteAsync(HttpContext context, ProblemKind kind, string? detail = null, TimeSpan? retryAfter = null)
    {
        var body = new ProblemBody(kind.Type, kind.Title, kind.Status, RequestTrace.IdOf(context), detail);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, ProblemJson.Default.ProblemBody);
        var response = context.Response;
        response.StatusCode = kind.Status;
        response.ContentType = ContentType;
        response.ContentLength = bytes.Length;
        response.Headers.XContentTypeOptions = "nosniff";
        if (response.Headers.CacheControl.Count == 0)
            response.Headers.CacheControl = "no-store"; // RFC 9110 §15.1: some errors are cacheable by default
        if (retryAfter is { } wait)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        await response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
    }
}
