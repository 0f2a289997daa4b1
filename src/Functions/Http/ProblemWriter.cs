using System.Globalization;
using System.Text.Json;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Http;

/// <summary>Writes error answers as <c>application/problem+json</c>.</summary>
internal static class ProblemWriter
{
    public const string ContentType = "application/problem+json";

    /// <param name="context">The request.</param>
    /// <param name="kind">Which problem.</param>
    /// <param name="detail">What was wrong with this request: a sentence without secrets and without the text of exceptions.</param>
    /// <param name="retryAfter">When it is worth trying again.</param>
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
            response.Headers.CacheControl = "no-store"; // RFC 9110 §15.1: some errors may be kept by default
        if (retryAfter is { } wait)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        await response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
    }
}
