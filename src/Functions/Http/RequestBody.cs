using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Lookup.Functions.Http;

/// <summary>Reads the body of a request, so that a failure to do so counts as the client's.</summary>
internal static class RequestBody
{
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
            || e is OperationCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            // The server reports a chunk size that exceeds 32 bits, and a reset connection, as failures of its own. For a reset, it can cancel
            // the read before it signals that the request was aborted.
            throw new BadHttpRequestException("The body could not be read.", StatusCodes.Status400BadRequest, e);
        }
    }
}
