using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>The builder of the body of a list: <c>{"_rid":"…","Documents":[…],"_count":2}</c>.</summary>
internal sealed class FeedBody
{
    private readonly ArrayBufferWriter<byte> _output = new(1024);

    public FeedBody(string ownerResourceId, string member)
    {
        Append($"{{\"_rid\":\"{ownerResourceId}\",\"{member}\":[");
    }

    public int Count { get; private set; }

    public int Length => _output.WrittenCount;

    /// <summary>Starts the next item, which the caller writes.</summary>
    public IBufferWriter<byte> Next()
    {
        if (Count++ > 0) _output.Write(","u8);
        return _output;
    }

    public void Add(ReadOnlySpan<byte> json) => Next().Write(json);

    public ReadOnlyMemory<byte> Finish()
    {
        Append(string.Create(CultureInfo.InvariantCulture, $"],\"_count\":{Count}}}"));
        return UnpairedSurrogates.Restore(_output.WrittenMemory);
    }

    private void Append(string text) => Encoding.UTF8.GetBytes(text, _output);
}

internal static class FeedResponse
{
    public static Task SendAsync(Exchange exchange, FeedBody body)
    {
        exchange.SetHeader(HeaderNames.ItemCount, body.Count.ToString(CultureInfo.InvariantCulture));
        return exchange.RespondAsync(HttpStatusCode.OK, body.Finish());
    }
}
