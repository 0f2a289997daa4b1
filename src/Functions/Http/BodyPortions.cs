using System.IO.Pipelines;

namespace Lookup.Functions.Http;

/// <summary>Writes long bodies in portions.</summary>
/// <remarks>
/// The server copies what it is given before it waits for the client, and gives the client the time for it that its length takes at the least
/// rate (<c>RequestLimits</c>). So what a client that does not read can hold, and for how long, does not grow with the body.
/// </remarks>
internal static class BodyPortions
{
    /// <summary>
    /// The bytes that a client must read in the least time that the server gives it for a write (5 s): with smaller portions, the true minimum
    /// rate would be lower.
    /// </summary>
    public const int Size = RequestLimits.LeastReadRate * RequestLimits.ReadGraceSeconds;

    /// <summary>Writes bytes, each portion when the server has room for it.</summary>
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
