using System.Buffers;
using System.Text.Json;
using Lookup.Domain.Users;

namespace Lookup.Functions.Cosmos.Documents;

/// <summary>Makes a <see cref="UserDocument"/> of a stored item.</summary>
/// <param name="shape">What the service needs to know of an item, and what it hides.</param>
/// <param name="hiddenFieldNotFound">Told once of each hidden field that none of the first <see cref="Sample"/> items has had.</param>
internal sealed class UserDocumentReader(DocumentShape shape, Action<JsonPath>? hiddenFieldNotFound = null)
{
    /// <summary>The number of items after which a hidden field that none has had is most likely misspelled.</summary>
    public const int Sample = 100;

    private int _read;

    /// <summary>Reads one item.</summary>
    /// <param name="item">The item as Cosmos DB gave it.</param>
    /// <param name="lsn">The log sequence number at which it was written; 0 where the store did not say.</param>
    /// <returns>The item's id and partition key value as they are in it, and the user.</returns>
    /// <exception cref="JsonException">The item is no JSON object, or lacks an id or an entity tag.</exception>
    public (string Id, string? PartitionKey, UserDocument User) Read(ReadOnlyMemory<byte> item, long lsn)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, item.Length));
        try
        {
            var scan = ItemScan.Of(item.Span, shape, buffer);
            if (scan.Id is null)
                throw new JsonException("The item has no id.");
            if (!IsEntityTag(scan.ETag))
                throw new JsonException("The item has no _etag that is an entity tag.");

            var user = new UserDocument(
                buffer.AsSpan(0, scan.Written).ToArray(),
                scan.ETag!,
                lsn,
                DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(scan.Timestamp, 0, 253402300799)),
                (IReadOnlyList<AlternateKey>?)scan.AlternateKeys ?? []);
            if (_read < Sample && Interlocked.Increment(ref _read) == Sample)
                ReportHiddenFields();
            return (scan.Id, scan.PartitionKey, user);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void ReportHiddenFields()
    {
        foreach (var path in shape.HiddenFieldsNeverFound)
            hiddenFieldNotFound?.Invoke(path);
    }

    /// <summary>RFC 9110 §8.8.3, strong ones only. What goes into a header must not be able to end it.</summary>
    private static bool IsEntityTag(string? text) =>
        text is ['"', .., '"']
        && text.Length is > 2 and < 256
        && !text.AsSpan(1, text.Length - 2).ContainsAnyExcept(EntityTagCharacters);

    private static readonly SearchValues<char> EntityTagCharacters =
        SearchValues.Create([.. Enumerable.Range(0x21, 0x7e - 0x21 + 1).Select(c => (char)c).Where(c => c != '"')]);
}
