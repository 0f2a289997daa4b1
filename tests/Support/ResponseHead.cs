using System.Buffers.Text;
using System.Net.Sockets;

namespace Lookup.Support;

/// <summary>The head of an HTTP/1.1 response, parsed with minimal work: the status, five header fields, and no allocation.</summary>
public readonly struct ResponseHead
{
    public int Status { get; private init; }

    /// <summary>Gets the number of bytes before the body.</summary>
    public int Length { get; private init; }

    /// <summary>Gets the number of bytes of the body.</summary>
    public int BodyLength { get; private init; }

    /// <summary>Gets the value of Age; −1 if there is none.</summary>
    public int Age { get; private init; }

    /// <summary>Gets a value that indicates whether the server closes the connection after this response.</summary>
    public bool WillClose { get; private init; }

    /// <summary>Gets the position of the ETag value in the response; empty if there is none.</summary>
    public Range ETag { get; private init; }

    /// <summary>Gets the position of the Cache-Status value in the response; empty if there is none.</summary>
    public Range CacheStatus { get; private init; }

    /// <summary>Reads the head of a response if all of it has been received.</summary>
    /// <param name="received">The bytes received so far, from the beginning of the response.</param>
    /// <param name="searched">The number of leading bytes in which the end of the head does not begin, as found by earlier calls.</param>
    /// <param name="head">The head.</param>
    /// <exception cref="SocketException">The data is not an HTTP/1.1 response, or the head does not specify the length.</exception>
    public static bool TryRead(ReadOnlySpan<byte> received, int searched, out ResponseHead head)
    {
        head = default;
        var end = received[searched..].IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;

        var bytes = received[..(searched + end)];
        if (bytes.Length < 12 || !bytes.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(bytes.Slice(9, 3), out int status, out _))
            throw new SocketException((int)SocketError.ProtocolNotSupported);
        head = new ResponseHead { Status = status, Length = bytes.Length + 4, Age = -1 };
        var position = bytes.IndexOf((byte)'\n') + 1;
        while (position > 0 && position < bytes.Length)
        {
            var line = bytes[position..];
            var length = line.IndexOf((byte)'\r');
            line = length < 0 ? line : line[..length];
            head = head.With(line, position);
            position = length < 0 ? bytes.Length : position + length + 2;
        }

        if (status == 304)
            head = head with { BodyLength = 0 };
        return true;
    }

    private ResponseHead With(ReadOnlySpan<byte> line, int position)
    {
        if (line.StartsWith("Content-Length: "u8))
            return this with { BodyLength = NumberIn(line[16..]) };
        if (line.StartsWith("Age: "u8))
            return this with { Age = NumberIn(line[5..]) };
        if (line.StartsWith("ETag: "u8))
            return this with { ETag = new Range(position + 6, position + line.Length) };
        if (line.StartsWith("Cache-Status: "u8))
            return this with { CacheStatus = new Range(position + 14, position + line.Length) };
        if (line.StartsWith("Connection: close"u8))
            return this with { WillClose = true };
        if (line.StartsWith("Transfer-Encoding"u8))
            throw new SocketException((int)SocketError.ProtocolNotSupported);
        return this;
    }

    private static int NumberIn(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out int number, out _) ? number : throw new SocketException((int)SocketError.ProtocolNotSupported);
}
