using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Lookup.Domain.Users;
using Lookup.Functions.Http;

namespace Lookup.Functions.Users;

/// <summary>
/// A body that lists users: their stored bytes as they are, and around them a little JSON. The bytes go from memory straight into the
/// server's buffers: the body is never put together as a whole, which for a hundred users would be an object that only the slowest
/// garbage collection takes back.
/// </summary>
internal sealed class ListBody
{
    private readonly List<ReadOnlyMemory<byte>> _users = [];
    private ReadOnlyMemory<byte> _missing;
    private bool _isTruncated;

    private static ReadOnlySpan<byte> Start => "{\"users\":["u8;

    private static ReadOnlySpan<byte> Truncated => ",\"truncated\":true"u8;

    /// <summary>Lists a user after those that were added before.</summary>
    public void Add(UserDocument user) => _users.Add(user.Body);

    /// <summary>Names those who do not exist: by their ids, or by id and partition key where it takes both.</summary>
    public void AddMissing(IEnumerable<UserKey> missing, bool withPartitionKey)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(",\"missing\":"u8);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var key in missing)
            {
                if (!withPartitionKey)
                {
                    json.WriteStringValue(key.Id);
                    continue;
                }

                json.WriteStartObject();
                json.WriteString("id", key.Id);
                json.WriteString(UserKeyReader.PartitionKeyParameter, key.PartitionKey);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        _missing = buffer.WrittenMemory;
    }

    /// <summary>Says that there are more users than are listed.</summary>
    public void AddTruncated() => _isTruncated = true;

    public async Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "application/json";
        response.ContentLength = Length();
        var writer = response.BodyWriter;
        writer.Write(Start);
        var unsent = 0;
        for (var i = 0; i < _users.Count; i++)
        {
            if (i > 0)
                writer.Write(","u8);
            if (_users[i].Length > BodyPortions.Size)
            {
                unsent = 0;
                if (!await writer.WriteInPortionsAsync(_users[i], context.RequestAborted))
                    return; // the client has disconnected
                continue;
            }

            writer.Write(_users[i].Span);
            unsent += _users[i].Length;
            if (unsent < BodyPortions.Size)
                continue;

            unsent = 0;
            if ((await writer.FlushAsync(context.RequestAborted)).IsCompleted)
                return; // nobody reads on
        }

        WriteEnd(writer);
        await writer.FlushAsync(context.RequestAborted);
    }

    private void WriteEnd(PipeWriter writer)
    {
        writer.Write("]"u8);
        writer.Write(_missing.Span);
        if (_isTruncated)
            writer.Write(Truncated);
        writer.Write("}"u8);
    }

    private long Length()
    {
        long length = Start.Length + Math.Max(0, _users.Count - 1) + "]}"u8.Length + _missing.Length + (_isTruncated ? Truncated.Length : 0);
        foreach (var user in _users)
            length += user.Length;
        return length;
    }
}
