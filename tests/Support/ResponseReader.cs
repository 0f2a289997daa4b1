using System.Globalization;
using System.Text;

namespace Lookup.Support;

/// <summary>A reader of consecutive responses on one connection, which parses only as much as is needed to find the end of each.</summary>
public sealed class ResponseReader(Stream stream)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _length;

    /// <summary>Reads one response.</summary>
    /// <returns>The status, or 0 if the server has closed the connection.</returns>
    public async Task<int> ReadAsync(bool isHead)
    {
        while (true)
        {
            int end;
            while ((end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
            {
                if (!await FillAsync())
                    return 0;
            }

            var head = Encoding.ASCII.GetString(_buffer, 0, end);
            var status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
            var body = isHead || status is 304 or 204 or < 200 ? 0 : BodyLength(head);
            while (body >= 0 && _length < end + 4 + body)
            {
                if (!await FillAsync())
                    return 0;
            }

            if (body < 0)
            {
                while (_buffer.AsSpan(end + 4, _length - end - 4).IndexOf("0\r\n\r\n"u8) < 0)
                {
                    if (!await FillAsync())
                        return 0;
                }

                body = _buffer.AsSpan(end + 4, _length - end - 4).IndexOf("0\r\n\r\n"u8) + 5;
            }

            Consume(end + 4 + body);
            if (status >= 200)
                return status;
        }
    }

    /// <returns>The length of the body, or −1 if the body is chunked.</returns>
    private static int BodyLength(string head)
    {
        foreach (var line in head.Split("\r\n"))
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                return int.Parse(line.AsSpan(15), CultureInfo.InvariantCulture);
            if (line.StartsWith("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
                return -1;
        }

        return 0;
    }

    private void Consume(int count)
    {
        _buffer.AsSpan(count, _length - count).CopyTo(_buffer);
        _length -= count;
    }

    private async Task<bool> FillAsync()
    {
        if (_length == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = await stream.ReadAsync(_buffer.AsMemory(_length), Cancel.Token);
        _length += read;
        return read > 0;
    }
}
