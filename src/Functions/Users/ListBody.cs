using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Lookup.Domain.Caching;
using Lookup.Domain.Users;
using Lookup.Functions.Http;

namespace Lookup.Functions.Users;

/// <summary>
/// A response body that lists users: their stored bytes, unchanged, in a JSON envelope. The bytes are copied from the cache directly into
/// the server's buffers. The body is never assembled as a whole, which for a hundred users would be an object that only the slowest
/// garbage collection reclaims.
/// </summary>
internal sealed class ListBody
{
    private readonly List<ReadOnlyMemory<byte>> _users = [];
    private ReadOnlyMemory<byte> _missing;
    private bool _isTruncated;

    private static ReadOnlySpan<byte> Start => "{\"users\":["u8;

    private static ReadOnlySpan<byte> Truncated => ",\"truncated\":true"u8;

    /// <summary>Adds a user to the end of the list.</summary>
    public void Add(UserDocument user) => _users.Add(user.Body);

    /// <summary>Adds the users that do not exist, by their ids or, if users have partition keys, by id and partition key.</summary>
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

    /// <summary>Marks the list as incomplete: there are more users than it contains.</summary>
    public void AddTruncated() => _isTruncated = true;

    /// <summary>Sends the body.</summary>
    /// <param name="context">The context of the request.</param>
    /// <param name="held">
    /// The memory that was taken for the users, if any. The memory of each user is given back when it is written.
    /// </param>
    public async Task SendAsync(HttpContext context, ByteLease? held)
    {
        var left = _users.Sum(static user => (long)user.Length);
        held?.Resize(ResponseMemory.Counted(left));
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
                if (!await writer.WriteInPortionsAsync(_users[i], context.RequestAborted))
                    return; // the client has disconnected
                Release(unsent + _users[i].Length);
                _users[i] = default;
                unsent = 0;
                continue;
            }

            writer.Write(_users[i].Span);
            unsent += _users[i].Length;
            _users[i] = default;
            if (unsent < BodyPortions.Size)
                continue;

            if ((await writer.FlushAsync(context.RequestAborted)).IsCompleted)
                return; // the client has disconnected
            Release(unsent);
            unsent = 0;
        }

        WriteEnd(writer);
        await writer.FlushAsync(context.RequestAborted);

        void Release(int bytes)
        {
            left -= bytes;
            held?.Resize(ResponseMemory.Counted(left));
        }
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
