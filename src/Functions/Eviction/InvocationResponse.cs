using System.Text.Json;

namespace Lookup.Functions.Eviction;

/// <summary>
/// The response to an invocation that is not an HTTP request: <c>{"Outputs":{},"Logs":["…"],"ReturnValue":null}</c>. The host waits
/// indefinitely after a response without a body, so there is always a body.
/// </summary>
internal static class InvocationResponse
{
    /// <summary>Writes the response.</summary>
    /// <param name="context">The context of the invocation.</param>
    /// <param name="isDone"><see langword="true"/> if the invocation is completed; otherwise, the host repeats it.</param>
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
