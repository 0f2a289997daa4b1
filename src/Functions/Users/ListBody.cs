using System.Buffers;
using System.Text.Json;
using Lookup.Domain.Users;

namespace Lookup.Functions.Users;

/// <summary>Puts a body together that lists users: their stored bytes as they are, and around them a little JSON.</summary>
internal sealed class ListBody
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    public ListBody() => _buffer.Write("{"u8);

    public void WriteUsers(IEnumerable<UserDocument> users)
    {
        _buffer.Write("\"users\":["u8);
        var isFirst = true;
        foreach (var user in users)
        {
            if (!isFirst)
                _buffer.Write(","u8);
            isFirst = false;
            _buffer.Write(user.Body.Span);
        }

        _buffer.Write("]"u8);
    }

    /// <summary>Names those who do not exist: by their ids, or by id and partition key where it takes both.</summary>
    public void WriteMissing(IEnumerable<UserKey> missing, bool withPartitionKey)
    {
        _buffer.Write(",\"missing\":"u8);
        using var json = new Utf8JsonWriter(_buffer);
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

    public void WriteTruncated() => _buffer.Write(",\"truncated\":true"u8);

    public Task SendAsync(HttpContext context)
    {
        _buffer.Write("}"u8);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = _buffer.WrittenCount;
        return context.Response.BodyWriter.WriteAsync(_buffer.WrittenMemory, context.RequestAborted).AsTask();
    }
}
