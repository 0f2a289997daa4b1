using System.Text.Json;
using Lookup.Domain.Feed;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Cosmos.Feed;

namespace Lookup.Functions.Eviction;

/// <summary>The parser for the array of changed documents that a trigger receives, in the format of either feed mode.</summary>
internal sealed class ChangeBatch(DocumentShape shape)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    private readonly ChangeReader _latest = new(shape, FeedMode.LatestVersion);
    private readonly ChangeReader _versions = new(shape, FeedMode.AllVersionsAndDeletes);

    /// <summary>Passes each readable change to <paramref name="apply"/>, until that returns <see langword="false"/>.</summary>
    /// <param name="batch">The text of the array.</param>
    /// <param name="apply">The callback, which returns <see langword="true"/> to continue.</param>
    /// <returns>The outcome.</returns>
    public Outcome Read(ReadOnlyMemory<byte> batch, Func<UserChange, bool> apply)
    {
        var applied = 0;
        var unreadable = 0;
        try
        {
            var reader = new Utf8JsonReader(batch.Span, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                throw new JsonException("The batch is not a JSON array.");

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (!TryRead(batch[start..(int)reader.BytesConsumed], out var change))
                {
                    unreadable++;
                }
                else if (change is { } relevant)
                {
                    if (!apply(relevant))
                        return new Outcome(applied, unreadable, IsWhole: true, IsCutShort: true);
                    applied++;
                }
            }

            reader.Read(); // throws if text follows the array
            return new Outcome(applied, unreadable, IsWhole: true, IsCutShort: false);
        }
        catch (JsonException)
        {
            return new Outcome(applied, unreadable, IsWhole: false, IsCutShort: false);
        }
    }

    /// <summary>
    /// Reads one change, or <see langword="null"/> if the item does not map to a valid user key. Parse errors are permanent, so the change
    /// is counted as unreadable instead of failing the batch.
    /// </summary>
    private bool TryRead(ReadOnlyMemory<byte> item, out UserChange? change)
    {
        change = null;
        try
        {
            // A document can have a property named metadata. The object that wraps a version has no id.
            if ((HasId(item.Span) ? _latest : _versions).TryRead(item, out var read))
                change = read;
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return false;
        }
    }

    private static bool HasId(ReadOnlySpan<byte> item)
    {
        var reader = new Utf8JsonReader(item, Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonText.Is(ref reader, "id"u8))
                return true;
            reader.Read();
            reader.Skip();
        }

        return false;
    }

    /// <summary>The outcome of reading a batch.</summary>
    /// <param name="Applied">The number of changes that were applied.</param>
    /// <param name="Unreadable">The number of changes that could not be parsed.</param>
    /// <param name="IsWhole">
    /// <see langword="true"/> if the array could be parsed to its end, or to the place at which reading was stopped.
    /// </param>
    /// <param name="IsCutShort"><see langword="true"/> if the callback stopped the reading.</param>
    internal readonly record struct Outcome(int Applied, int Unreadable, bool IsWhole, bool IsCutShort);
}
