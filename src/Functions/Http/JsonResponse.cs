using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Lookup.Functions.Http;

/// <summary>The writer of the service's own JSON. It must not be stored, because it describes the current state of this instance.</summary>
internal static class JsonResponse
{
    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, type);
        var response = context.Response;
        response.ContentType = "application/json";
        response.ContentLength = bytes.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        return response.BodyWriter.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
