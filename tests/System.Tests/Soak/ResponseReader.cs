using System.Buffers.Text;
using System.Net.Sockets;

namespace Lookup.System.Tests.Soak;

/// <summary>Reads responses from a connection with as little work as can be: the status, four header fields, and where the body is.</summary>
internal sealed class ResponseReader(Func<byte[], int, int, int> receive)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private int _bodyStart;
    private int _bodyLength;
    private Range _etag;
    private Range _cacheStatus;

    public int Status { get; private set; }

    /// <summary>−1 where there is none.</summary>
    public int Age { get; private set; }

    public bool WillClose { get; private set; }

    public ReadOnlySpan<byte> Body => _buffer.AsSpan(_bodyStart, _bodyLength);

    public ReadOnlySpan<byte> ETag => _buffer.AsSpan(_etag);

    public ReadOnlySpan<byte> CacheStatus => _buffer.AsSpan(_cacheStatus);

    /// <summary>Takes the next response; what the last one's properties gave is overwritten.</summary>
    /// <exception cref="SocketException">The connection broke.</exception>
    public void Next()
    {
        _start = _bodyStart + _bodyLength;
        var headEnd = FindHeadEnd();
        ParseHead(_buffer.AsSpan(_start, headEnd - _start), _start);
        _bodyStart = headEnd + 4;
        if (Status == 304)
            _bodyLength = 0;
        Require(_bodyStart + _bodyLength);
    }

    private int FindHeadEnd()
    {
        var from = _start;
        while (true)
        {
            var at = _buffer.AsSpan(from, _end - from).IndexOf("\r\n\r\n"u8);
            if (at >= 0)
                return from + at;
            var kept = _end - _start;
            Fill();
            from = _start + Math.Max(0, kept - 3);
        }
    }

    /// <summary>Reads until so much is there. Positions move when the buffer is compacted; all of them are moved along.</summary>
    private void Require(int end)
    {
        while (_end < end)
        {
            var before = _start;
            Fill();
            var moved = before - _start;
            if (moved == 0)
                continue;
            end -= moved;
            _bodyStart -= moved;
            _etag = Moved(_etag, moved);
            _cacheStatus = Moved(_cacheStatus, moved);
        }
    }

    private void Fill()
    {
        if (_end == _buffer.Length)
        {
            var rest = _buffer.AsSpan(_start, _end - _start);
            var target = rest.Length > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
            rest.CopyTo(target);
            (_buffer, _end, _start) = (target, rest.Length, 0);
        }

        var length = receive(_buffer, _end, _buffer.Length - _end);
        if (length == 0)
            throw new SocketException((int)SocketError.ConnectionReset);
        _end += length;
    }

    private void ParseHead(ReadOnlySpan<byte> head, int offset)
    {
        (Age, WillClose, _etag, _cacheStatus, _bodyLength) = (-1, false, default, default, 0);
        if (head.Length < 12 || !head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head.Slice(9, 3), out int status, out _))
            throw new SocketException((int)SocketError.ProtocolNotSupported);
        Status = status;
        var position = head.IndexOf((byte)'\n') + 1;
        while (position > 0 && position < head.Length)
        {
            var line = head[position..];
            var end = line.IndexOf((byte)'\r');
            line = end < 0 ? line : line[..end];
            Take(line, offset + position);
            position = end < 0 ? head.Length : position + end + 2;
        }
    }

    private void Take(ReadOnlySpan<byte> line, int offset)
    {
        if (line.StartsWith("Content-Length: "u8))
        {
            _bodyLength = NumberIn(line[16..]);
        }
        else if (line.StartsWith("Age: "u8))
        {
            Age = NumberIn(line[5..]);
        }
        else if (line.StartsWith("ETag: "u8))
        {
            _etag = new Range(offset + 6, offset + line.Length);
        }
        else if (line.StartsWith("Cache-Status: "u8))
        {
            _cacheStatus = new Range(offset + 14, offset + line.Length);
        }
        else if (line.StartsWith("Connection: close"u8))
        {
            WillClose = true;
        }
        else if (line.StartsWith("Transfer-Encoding"u8))
        {
            throw new SocketException((int)SocketError.ProtocolNotSupported);
        }
    }

    private static int NumberIn(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out int number, out _) ? number : throw new SocketException((int)SocketError.ProtocolNotSupported);

    private static Range Moved(Range range, int by) =>
        range.End.Value == 0 ? range : new Range(range.Start.Value - by, range.End.Value - by);
}
