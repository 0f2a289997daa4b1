using System.Buffers;
using System.Buffers.Text;

namespace Lookup.Functions.SharedTier.Memcached;

/// <summary>The status of a reply in the meta protocol.</summary>
internal enum MetaStatus
{
    /// <summary><c>HD</c>: done.</summary>
    Done,

    /// <summary><c>VA</c>: the value follows.</summary>
    Value,

    /// <summary><c>EN</c> or <c>NF</c>: the key has no value.</summary>
    NotFound,

    /// <summary><c>NS</c>: the value was not stored, because the key has one.</summary>
    NotStored,

    /// <summary><c>SERVER_ERROR</c>: the command failed, for example because the server is out of memory. It has no token.</summary>
    ServerError,
}

/// <summary>The exception that is thrown when a server sends what the meta protocol does not allow. The connection cannot be used any more.</summary>
internal sealed class MetaProtocolException(string message) : Exception(message);

/// <summary>A reply of the server in the meta protocol.</summary>
/// <param name="Status">The status.</param>
/// <param name="Token">The opaque token of the request; 0 for <see cref="MetaStatus.ServerError"/>.</param>
/// <param name="Value">The value of <see cref="MetaStatus.Value"/>; otherwise empty.</param>
/// <remarks>
/// The parser is strict: it accepts the replies to the commands that <see cref="MetaRequest"/> writes, and nothing else. Lines and values have
/// limits, so a damaged or hostile server cannot make this process wait for a line, or reserve memory for a value, without an end.
/// </remarks>
internal readonly record struct MetaReply(MetaStatus Status, ulong Token, ReadOnlyMemory<byte> Value)
{
    /// <summary>The maximum length of a line with its end. The longest reply that is expected has about 40 bytes, and the errors of the server are sentences.</summary>
    public const int MaxLine = 512;

    private const int EndOfLine = 2;

    /// <summary>Parses the next reply.</summary>
    /// <param name="buffer">The bytes received so far. If there is a whole reply, it is cut off.</param>
    /// <param name="reply">The reply.</param>
    /// <returns><see langword="true"/> if there is a whole reply.</returns>
    /// <exception cref="MetaProtocolException">The bytes are not the beginning of a reply.</exception>
    public static bool TryParse(ref ReadOnlySequence<byte> buffer, out MetaReply reply)
    {
        reply = default;
        Span<byte> copy = stackalloc byte[MaxLine];
        var start = buffer.Slice(0, Math.Min(buffer.Length, MaxLine));
        start.CopyTo(copy);
        copy = copy[..(int)start.Length];

        var length = copy.IndexOf("\r\n"u8);
        if (length < 0)
            return copy.Length < MaxLine ? false : throw new MetaProtocolException("A line of the server is too long.");

        var line = copy[..length];
        var end = length + EndOfLine;
        if (line.StartsWith("SERVER_ERROR"u8))
        {
            reply = new MetaReply(MetaStatus.ServerError, 0, default);
        }
        else if (line.StartsWith("VA "u8))
        {
            if (!TryParseValue(line[3..], buffer.Slice(end), ref reply))
                return false;
            end += reply.Value.Length + EndOfLine;
        }
        else
        {
            reply = new MetaReply(StatusOf(line), TokenOf(line[2..]), default);
        }

        buffer = buffer.Slice(end);
        return true;
    }

    private static bool TryParseValue(ReadOnlySpan<byte> sizeAndToken, ReadOnlySequence<byte> rest, ref MetaReply reply)
    {
        if (!Utf8Parser.TryParse(sizeAndToken, out int size, out var digits) || size is < 0 or > MemcachedTier.MaxValueBytes)
            throw new MetaProtocolException("The size of a value is not a number, or it is too large.");

        var token = TokenOf(sizeAndToken[digits..]);
        if (rest.Length < size + EndOfLine)
            return false;

        Span<byte> end = stackalloc byte[EndOfLine];
        rest.Slice(size, EndOfLine).CopyTo(end);
        if (!end.SequenceEqual("\r\n"u8))
            throw new MetaProtocolException("A value does not end where its size says.");

        reply = new MetaReply(MetaStatus.Value, token, rest.Slice(0, size).ToArray());
        return true;
    }

    private static MetaStatus StatusOf(ReadOnlySpan<byte> line) =>
        line.Length < 2 ? throw Unexpected() : line[..2] switch
        {
            [(byte)'H', (byte)'D'] => MetaStatus.Done,
            [(byte)'E', (byte)'N'] or [(byte)'N', (byte)'F'] => MetaStatus.NotFound,
            [(byte)'N', (byte)'S'] => MetaStatus.NotStored,
            _ => throw Unexpected(),
        };

    private static ulong TokenOf(ReadOnlySpan<byte> text) =>
        text.StartsWith(" O"u8) && Utf8Parser.TryParse(text[2..], out ulong token, out var digits) && digits == text.Length - 2
            ? token
            : throw Unexpected();

    private static MetaProtocolException Unexpected() => new("The server sent a line that is not a reply to any command sent to it.");
}
