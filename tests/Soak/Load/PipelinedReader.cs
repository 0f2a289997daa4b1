using System.Net.Sockets;

namespace Lookup.Soak.Load;

/// <summary>A reader of consecutive responses on one connection, with minimal overhead.</summary>
internal sealed class PipelinedReader(Func<byte[], int, int, int> receive)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private int _length;
    private ResponseHead _head;

    public int Status => _head.Status;

    /// <summary>Gets the value of the <c>Age</c> header, or −1 if there is none.</summary>
    public int Age => _head.Age;

    public bool WillClose => _head.WillClose;

    public ReadOnlySpan<byte> Body => _buffer.AsSpan(_start + _head.Length, _head.BodyLength);

    public ReadOnlySpan<byte> ETag => Response[_head.ETag];

    public ReadOnlySpan<byte> CacheStatus => Response[_head.CacheStatus];

    private ReadOnlySpan<byte> Response => _buffer.AsSpan(_start, _length);

    /// <summary>Reads the next response. The data of the previous response is overwritten.</summary>
    /// <exception cref="SocketException">The connection broke.</exception>
    public void Next()
    {
        (_start, _length) = (_start + _length, 0);
        var searched = 0;
        while (!ResponseHead.TryRead(_buffer.AsSpan(_start, _end - _start), searched, out _head))
        {
            searched = Math.Max(0, _end - _start - 3);
            Fill();
        }

        _length = _head.Length + _head.BodyLength;
        while (_end - _start < _length)
            Fill();
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
}
