using System.Text;

namespace Lookup.Emulator.Tests.Fuzzing;

/// <summary>A request as bytes. It can be well framed with any content, or malformed.</summary>
/// <param name="IsFramed">A value that indicates whether the server can find the end of the request and must respond.</param>
internal sealed record WireRequest(string Method, byte[] Bytes, bool IsFramed)
{
    public static WireRequest Framed(string method, string target, IEnumerable<(string Name, string Value)> headers, string body)
    {
        var content = Encoding.UTF8.GetBytes(body);
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {content.Length}\r\n");
        foreach (var (name, value) in headers) head.Append($"{name}: {value}\r\n");
        head.Append("\r\n");
        return new WireRequest(method, [.. Encoding.UTF8.GetBytes(head.ToString()), .. content], true);
    }

    public override string ToString() => Encoding.Latin1.GetString(Bytes);
}
