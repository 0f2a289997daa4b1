using System.Buffers;
using System.Text;
using Lookup.Functions.SharedTier.Memcached;

namespace Lookup.Functions.Tests.SharedTier;

public sealed class MetaReplyTests
{
    [Theory]
    [InlineData("HD O7\r\n", nameof(MetaStatus.Done), 7)]
    [InlineData("EN O18446744073709551615\r\n", nameof(MetaStatus.NotFound), ulong.MaxValue)]
    [InlineData("NF O7\r\n", nameof(MetaStatus.NotFound), 7)]
    [InlineData("NS O7\r\n", nameof(MetaStatus.NotStored), 7)]
    [InlineData("SERVER_ERROR out of memory storing object\r\n", nameof(MetaStatus.ServerError), 0)]
    public void Reply_without_a_value_is_parsed(string text, string status, ulong token)
    {
        var buffer = Of(text + "HD");

        Assert.True(MetaReply.TryParse(ref buffer, out var reply));
        Assert.Equal((status, token), (reply.Status.ToString(), reply.Token));
        Assert.Equal("HD", Encoding.Latin1.GetString(buffer.ToArray()));
    }

    [Fact]
    public void Replies_are_parsed_the_same_however_they_are_cut()
    {
        const string Text = "VA 9 O1\r\nab\r\nEN\r\n\0\r\nEN O2\r\nVA 0 O3\r\n\r\nHD O4\r\n";
        for (var first = 0; first <= Text.Length; first++)
        {
            for (var second = first; second <= Text.Length; second++)
                Assert.Equal("1:Value:ab\r\nEN\r\n\0 2:NotFound: 3:Value: 4:Done:", ParseInParts(Text, first, second));
        }
    }

    [Theory]
    [InlineData("VA")]
    [InlineData("VA 3 O1\r\nab")]
    [InlineData("VA 3 O1\r\nabc\r")]
    [InlineData("HD O1\r")]
    public void Beginning_of_a_reply_is_not_a_reply(string text)
    {
        var buffer = Of(text);

        Assert.False(MetaReply.TryParse(ref buffer, out _));
        Assert.Equal(text.Length, buffer.Length);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("H\r\n")]
    [InlineData("HD\r\n")]
    [InlineData("HD O\r\n")]
    [InlineData("HD O-1\r\n")]
    [InlineData("HD O1x\r\n")]
    [InlineData("HD O99999999999999999999\r\n")]
    [InlineData("XX O1\r\n")]
    [InlineData("ERROR\r\n")]
    [InlineData("CLIENT_ERROR bad data chunk\r\n")]
    [InlineData("VA O1\r\n")]
    [InlineData("VA -1 O1\r\n")]
    [InlineData("VA 1000001 O1\r\n")]
    [InlineData("VA 99999999999999999999 O1\r\n")]
    [InlineData("VA 3\r\nabc\r\n")]
    [InlineData("VA 3 O1\r\nabcd\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    public void Anything_else_is_a_violation(string text)
    {
        var buffer = Of(text);
        Assert.Throws<MetaProtocolException>(() => MetaReply.TryParse(ref buffer, out _));
    }

    [Fact]
    public void Line_without_an_end_is_a_violation_at_its_maximum_length()
    {
        var shorter = Of(new string('x', MetaReply.MaxLine - 1));
        var buffer = Of(new string('x', MetaReply.MaxLine));

        Assert.False(MetaReply.TryParse(ref shorter, out _));
        Assert.Throws<MetaProtocolException>(() => MetaReply.TryParse(ref buffer, out _));
    }

    [Fact]
    public void Random_bytes_are_a_reply_a_beginning_or_a_violation()
    {
        var random = new Random(1);
        string[] pieces = ["VA ", "HD", "EN", " O", "1", "20", "\r\n", "\r", "\n", "SERVER_ERROR", "-", "x", "\0", " "];
        for (var i = 0; i < 20_000; i++)
        {
            var buffer = Of(string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)])));
            var length = buffer.Length;
            try
            {
                Assert.Equal(MetaReply.TryParse(ref buffer, out _), buffer.Length < length);
            }
            catch (MetaProtocolException)
            {
                // Allowed.
            }
        }
    }

    private static string ParseInParts(string text, int first, int second)
    {
        var found = new List<string>();
        var from = 0;
        foreach (var to in new[] { first, second, text.Length })
        {
            var buffer = Of(text[from..to]);
            while (MetaReply.TryParse(ref buffer, out var reply))
                found.Add($"{reply.Token}:{reply.Status}:{Encoding.Latin1.GetString(reply.Value.Span)}");
            from = to - (int)buffer.Length;
        }

        return string.Join(' ', found);
    }

    /// <summary>Returns the text in two segments, as a pipe may deliver it.</summary>
    private static ReadOnlySequence<byte> Of(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var first = new Segment(bytes.AsMemory(0, bytes.Length / 2), null);
        var last = new Segment(bytes.AsMemory(bytes.Length / 2), first);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is null)
                return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}
