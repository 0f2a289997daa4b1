using System.Net.Sockets;
using System.Text;
using Lookup.Soak.Checking;
using Lookup.Soak.Load;

namespace Lookup.Soak.Tests;

public sealed class PipelinedReaderTests
{
    private const string User = """{"id":"u12","v":34,"email":"m5@example.com","filler":"x"}""";

    private static readonly string Responses =
        $"HTTP/1.1 200 OK\r\nContent-Length: {User.Length}\r\nAge: 2\r\nETag: \"a\"\r\nCache-Status: lookup; hit; ttl=1\r\n\r\n{User}"
        + "HTTP/1.1 304 Not Modified\r\nETag: \"b\"\r\nCache-Status: lookup; fwd=stale; ttl=-1\r\n\r\n"
        + "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Responses_are_separated_regardless_of_how_they_are_split(int piece)
    {
        var reader = new PipelinedReader(Pieces(string.Concat(Enumerable.Repeat(Responses, 2000)), piece));

        for (var i = 0; i < 2000; i++)
        {
            reader.Next();
            Assert.Equal((200, 2, User), (reader.Status, reader.Age, Encoding.ASCII.GetString(reader.Body)));
            Assert.Equal("\"a\" lookup; hit; ttl=1", $"{Encoding.ASCII.GetString(reader.ETag)} {Encoding.ASCII.GetString(reader.CacheStatus)}");
            reader.Next();
            Assert.Equal((304, -1, 0), (reader.Status, reader.Age, reader.Body.Length));
            Assert.Equal("\"b\" lookup; fwd=stale; ttl=-1", $"{Encoding.ASCII.GetString(reader.ETag)} {Encoding.ASCII.GetString(reader.CacheStatus)}");
            reader.Next();
            Assert.Equal((404, true, "{}"), (reader.Status, reader.WillClose, Encoding.ASCII.GetString(reader.Body)));
            Assert.True(reader.ETag.IsEmpty);
        }

        Assert.Throws<SocketException>(reader.Next);
    }

    [Fact]
    public void Response_larger_than_the_buffer_is_read()
    {
        var body = new string('x', 300_000);
        var reader = new PipelinedReader(Pieces($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nCache-Status: lookup; hit\r\n\r\n{body}", 5000));

        reader.Next();

        Assert.Equal(body.Length, reader.Body.Length);
        Assert.Equal("lookup; hit", Encoding.ASCII.GetString(reader.CacheStatus));
    }

    [Fact]
    public void Users_of_a_list_are_found()
    {
        ReadOnlySpan<byte> body = Encoding.ASCII.GetBytes($$"""{"users":[{{User}},{"id":"u7","v":1,"email":"m1000007@example.com","filler":"x"}],"missing":["u3","u44"]}""");
        var missing = BodyScan.MissingOf(body);

        Assert.True(BodyScan.TryTakeUser(ref body, out var user, out var version, out var address));
        Assert.Equal((12, 34, 5), (user, version, address));
        Assert.True(BodyScan.TryTakeUser(ref body, out user, out version, out address));
        Assert.Equal((7, 1, 1_000_007), (user, version, address));
        Assert.False(BodyScan.TryTakeUser(ref body, out _, out _, out _));
        Assert.True(BodyScan.TryTakeMissing(ref missing, out user) && user == 3);
        Assert.True(BodyScan.TryTakeMissing(ref missing, out user) && user == 44);
        Assert.False(BodyScan.TryTakeMissing(ref missing, out _));
    }

    private static Func<byte[], int, int, int> Pieces(string text, int piece)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        var position = 0;
        return (buffer, offset, count) =>
        {
            var length = Math.Min(Math.Min(piece, count), bytes.Length - position);
            bytes.AsSpan(position, length).CopyTo(buffer.AsSpan(offset));
            position += length;
            return length;
        };
    }
}
