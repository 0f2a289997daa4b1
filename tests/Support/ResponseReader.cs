using System.Globalization;
using System.Net;
using System.Text;

namespace Lookup.Support;

/// <summary>A reader of consecutive HTTP/1.1 responses on one connection (RFC 9112 §6.3).</summary>
public sealed class ResponseReader(Stream stream)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _length;

    /// <summary>Reads the status of one response, and the rest of it.</summary>
    /// <returns>The status, or 0 if the server has closed the connection.</returns>
    public async Task<int> ReadStatusAsync(bool isHead) => await ReadAsync(isHead) is { } response ? (int)response.Status : 0;

    /// <summary>Reads one response. Interim responses (1xx) before it are skipped.</summary>
    /// <returns>The response, or null if the server has closed the connection before its end.</returns>
    public async Task<TestResponse?> ReadAsync(bool isHead)
    {
        while (true)
        {
            if (await ReadHeadAsync() is not var (status, headers))
                return null;
            var body = isHead || status is 304 or 204 or < 200 ? [] : await ReadBodyAsync(headers);
            if (body is null)
                return null;
            if (status >= 200)
                return new TestResponse((HttpStatusCode)status, headers, body);
        }
    }

    private async Task<(int Status, Dictionary<string, string> Headers)?> ReadHeadAsync()
    {
        if (await FindAsync("\r\n\r\n"u8.ToArray()) is not { } end)
            return null;

        var lines = Encoding.Latin1.GetString(Take(end)).Split("\r\n");
        Take(4);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToDictionary(
            parts => parts[0], parts => parts[1].Trim(), StringComparer.OrdinalIgnoreCase);
        return (int.Parse(lines[0].AsSpan(9, 3), CultureInfo.InvariantCulture), headers);
    }

    private async Task<byte[]?> ReadBodyAsync(Dictionary<string, string> headers)
    {
        if (headers.TryGetValue("Content-Length", out var length))
            return await ReadBytesAsync(int.Parse(length, CultureInfo.InvariantCulture));
        if (headers.ContainsKey("Transfer-Encoding"))
            return await ReadChunksAsync();

        while (await FillAsync())
        {
            // The body ends with the connection.
        }

        return Take(_length);
    }

    private async Task<byte[]?> ReadChunksAsync()
    {
        using var body = new MemoryStream();
        while (await FindAsync("\r\n"u8.ToArray()) is { } end)
        {
            var size = int.Parse(Encoding.ASCII.GetString(Take(end)), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Take(2);
            if (await ReadBytesAsync(size + 2) is not { } chunk)
                return null;
            if (size == 0)
                return body.ToArray();
            body.Write(chunk.AsSpan(0, size));
        }

        return null;
    }

    private async Task<byte[]?> ReadBytesAsync(int count)
    {
        while (_length < count)
        {
            if (!await FillAsync())
                return null;
        }

        return Take(count);
    }

    private async Task<int?> FindAsync(byte[] separator)
    {
        int position;
        while ((position = _buffer.AsSpan(0, _length).IndexOf(separator)) < 0)
        {
            if (!await FillAsync())
                return null;
        }

        return position;
    }

    private byte[] Take(int count)
    {
        var taken = _buffer[..count];
        _buffer.AsSpan(count, _length - count).CopyTo(_buffer);
        _length -= count;
        return taken;
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
