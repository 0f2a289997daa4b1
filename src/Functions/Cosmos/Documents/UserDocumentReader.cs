using System.Buffers;
using System.Text.Json;
using Lookup.Domain.Users;

namespace Lookup.Functions.Cosmos.Documents;

/// <summary>A converter of stored items to <see cref="UserDocument"/> instances.</summary>
/// <param name="shape">The properties to interpret and to hide.</param>
/// <param name="hiddenFieldNotFound">Called once for each hidden field that none of the first <see cref="Sample"/> items contained.</param>
internal sealed class UserDocumentReader(DocumentShape shape, Action<JsonPath>? hiddenFieldNotFound = null)
{
    /// <summary>The number of items after which a hidden field that none of them contained is probably misspelled.</summary>
    public const int Sample = 100;

    private int _read;

    /// <summary>Reads one item.</summary>
    /// <param name="item">The item as returned by Cosmos DB.</param>
    /// <param name="lsn">The log sequence number (LSN) at which the item was written, or 0 if the store did not return one.</param>
    /// <param name="expiry">The rule by which the item expires.</param>
    /// <param name="respondedAt">The time of the response that contains the item, by Cosmos DB's clock.</param>
    /// <returns>The id and the partition key value in the item, and the user.</returns>
    /// <exception cref="JsonException">The item is not a JSON object, or has no id or no valid entity tag.</exception>
    public (string Id, string? PartitionKey, UserDocument User) Read(
        ReadOnlyMemory<byte> item, long lsn, ItemExpiry expiry = default, DateTimeOffset respondedAt = default)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, item.Length));
        try
        {
            var scan = ItemScan.Run(item.Span, shape, buffer);
            if (scan.Id is null)
                throw new JsonException("The item has no id.");
            if (!IsEntityTag(scan.ETag))
                throw new JsonException("The item has no valid _etag.");

            var user = new UserDocument(
                buffer.AsSpan(0, scan.Written).ToArray(),
                scan.ETag!,
                lsn,
                DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(scan.Timestamp, 0, 253402300799)),
                (IReadOnlyList<AlternateKey>?)scan.AlternateKeys ?? [],
                expiry.Left(scan.Timestamp, scan.TimeToLive, respondedAt));
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

    /// <summary>
    /// Determines whether a text is a strong entity tag (RFC 9110 §8.8.3). It is copied into a header field, and must not be able to end
    /// it.
    /// </summary>
    private static bool IsEntityTag(string? text) =>
        text is ['"', .., '"']
        && text.Length is > 2 and < 256
        && !text.AsSpan(1, text.Length - 2).ContainsAnyExcept(EntityTagCharacters);

    private static readonly SearchValues<char> EntityTagCharacters =
        SearchValues.Create([.. Enumerable.Range(0x21, 0x7e - 0x21 + 1).Select(c => (char)c).Where(c => c != '"')]);
}
