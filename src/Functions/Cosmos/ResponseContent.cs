using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>Access to the bytes of a response.</summary>
internal static class ResponseContent
{
    /// <summary>Gets the bytes of a response, without a copy if the SDK allows it. They are valid until the response is disposed.</summary>
    public static ReadOnlyMemory<byte> GetBytes(ResponseMessage response)
    {
        if (response.Content is not { } content)
            return default;
        if (content is MemoryStream { Position: 0 } memory && memory.TryGetBuffer(out var buffer))
            return buffer;

        using var copy = new MemoryStream();
        content.CopyTo(copy);
        return copy.ToArray();
    }
}
