using System.IO.Pipelines;

namespace Lookup.Functions.Http;

/// <summary>Extension methods that write long bodies in portions.</summary>
/// <remarks>
/// The server copies the bytes of a write before it waits for the client, and allows the client the time that they take at the minimum
/// rate (<c>RequestLimits</c>). With portions, the memory that a client that does not read can occupy, and the time for which it can do
/// so, do not grow with the length of the body.
/// </remarks>
internal static class BodyPortions
{
    public const int Size = 32 * 1024;

    /// <summary>Writes bytes in portions. Each portion is written when the server can accept it.</summary>
    /// <returns><see langword="false"/> if the client has disconnected.</returns>
    public static async ValueTask<bool> WriteInPortionsAsync(this PipeWriter writer, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            var portion = bytes[..Math.Min(Size, bytes.Length)];
            if ((await writer.WriteAsync(portion, cancellationToken)).IsCompleted)
                return false;
            bytes = bytes[portion.Length..];
        }

        return true;
    }
}
