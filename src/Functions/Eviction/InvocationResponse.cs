using System.Text.Json;

namespace Lookup.Functions.Eviction;

/// <summary>
/// The answer to an invocation that is no HTTP request: <c>{"Outputs":{},"Logs":["…"],"ReturnValue":null}</c>. The host waits for
/// ever after an answer without a body, so there is always this one.
/// </summary>
internal static class InvocationResponse
{
    /// <param name="context">The invocation.</param>
    /// <param name="isDone">Whether the host may go on; otherwise it sends the same once more.</param>
    /// <param name="log">A line for the function's log.</param>
    public static Task WriteAsync(HttpContext context, bool isDone, string log)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("Outputs"u8);
            writer.WriteEndObject();
            writer.WriteStartArray("Logs"u8);
            writer.WriteStringValue(log);
            writer.WriteEndArray();
            writer.WriteNull("ReturnValue"u8);
            writer.WriteEndObject();
        }

        var response = context.Response;
        response.StatusCode = isDone ? StatusCodes.Status200OK : StatusCodes.Status500InternalServerError;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = buffer.Length;
        return response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), context.RequestAborted).AsTask();
    }
}
