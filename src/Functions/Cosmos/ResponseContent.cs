using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>The bytes of an answer.</summary>
internal static class ResponseContent
{
    /// <summary>The bytes as the client holds them, without a copy where it allows that; valid until the response is disposed.</summary>
    public static ReadOnlyMemory<byte> Of(ResponseMessage response)
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
