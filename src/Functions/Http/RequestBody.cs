using System.IO.Pipelines;
using Lookup.Functions.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Primitives;

namespace Lookup.Functions.Http;

/// <summary>Reads the body of a request, so that a failure to do so counts as the client's.</summary>
internal static class RequestBody
{
    private const string NoCoding = "identity";

    /// <summary>Checks that the body is JSON in no content coding, as the service requires; otherwise, writes the response (RFC 9110 §15.5.16).</summary>
    /// <returns><see langword="true"/> if the body can be read; <see langword="false"/> if the response has been written.</returns>
    public static async ValueTask<bool> CheckJsonBodyAsync(this HttpContext context)
    {
        if (!IsNotEncoded(context.Request.Headers.ContentEncoding))
        {
            context.Response.Headers.AcceptEncoding = NoCoding;
            await ProblemWriter.WriteAsync(context, ProblemKind.UnsupportedMediaType, "The body must have no content coding; omit Content-Encoding.");
            return false;
        }

        if (!context.Request.HasJsonContentType())
        {
            await ProblemWriter.WriteAsync(context, ProblemKind.UnsupportedMediaType, "The body must be application/json.");
            return false;
        }

        return true;
    }

    /// <summary>Reads the next bytes of the body.</summary>
    /// <exception cref="BadHttpRequestException">
    /// The body is too large, comes too slowly, is malformed (RFC 9112 §7.1), or ends because its connection was reset.
    /// </exception>
    public static async ValueTask<ReadResult> ReadBodyAsync(this HttpContext context)
    {
        try
        {
            return await context.Request.BodyReader.ReadAsync(context.RequestAborted);
        }
        catch (Exception e) when (e is (IOException or OverflowException or ConnectionAbortedException) and not BadHttpRequestException
            || e is OperationCanceledException && !context.RequestAborted.IsCancellationRequested
            || e is not (BadHttpRequestException or OperationCanceledException) && ClientDisconnect.HasOccurred(context))
        {
            // The server reports a chunk size that exceeds 32 bits, and a reset connection, as failures of its own. For a reset, it can cancel
            // the read before it signals that the request was aborted. Once the connection is closed, any failure to read from it is a consequence.
            throw new BadHttpRequestException("The body could not be read.", StatusCodes.Status400BadRequest, e);
        }
    }

    private static bool IsNotEncoded(StringValues codings)
    {
        foreach (var coding in codings.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!coding.Equals(NoCoding, StringComparison.OrdinalIgnoreCase))
                return false;
        }

        return true;
    }
}
