using System.Text.Json;
using Lookup.Domain.Feed;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Cosmos.Feed;

namespace Lookup.Functions.Eviction;

/// <summary>Reads the array of changed documents that a trigger gets, in either shape that the feed has.</summary>
internal sealed class ChangeBatch(DocumentShape shape)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    private readonly ChangeReader _latest = new(shape, FeedMode.LatestVersion);
    private readonly ChangeReader _versions = new(shape, FeedMode.AllVersionsAndDeletes);

    /// <summary>Gives each change that can be read to <paramref name="apply"/>, until that says <see langword="false"/>.</summary>
    /// <param name="batch">The text of the array.</param>
    /// <param name="apply">Takes a change; says whether to go on.</param>
    /// <returns>What came of it.</returns>
    public Outcome Read(ReadOnlySpan<byte> batch, Func<UserChange, bool> apply)
    {
        var applied = 0;
        var unreadable = 0;
        try
        {
            var reader = new Utf8JsonReader(batch, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                throw new JsonException("The batch is no array.");

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (!TryRead(batch[start..(int)reader.BytesConsumed], out var change))
                {
                    unreadable++;
                }
                else if (change is { } heeded)
                {
                    if (!apply(heeded))
                        return new Outcome(applied, unreadable, IsWhole: true, IsCutShort: true);
                    applied++;
                }
            }

            reader.Read(); // nothing may follow
            return new Outcome(applied, unreadable, IsWhole: true, IsCutShort: false);
        }
        catch (JsonException)
        {
            return new Outcome(applied, unreadable, IsWhole: false, IsCutShort: false);
        }
    }

    /// <summary>
    /// Reads one change; <see langword="null"/> where it is of an item that nobody can have asked for. Whatever goes wrong with it
    /// would go wrong with it the next time too, so it counts as unreadable and never as a failure.
    /// </summary>
    private bool TryRead(ReadOnlySpan<byte> item, out UserChange? change)
    {
        change = null;
        try
        {
            // A document may have a property named metadata of its own; what wraps one has no id.
            if ((HasId(item) ? _latest : _versions).TryRead(item, out var read))
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
            if (reader.ValueTextEquals("id"u8))
                return true;
            reader.Read();
            reader.Skip();
        }

        return false;
    }

    /// <param name="Applied">How many changes were taken.</param>
    /// <param name="Unreadable">How many could not be read.</param>
    /// <param name="IsWhole">Whether the array could be read to its end, or to where it was cut short.</param>
    /// <param name="IsCutShort">Whether the taker did not want more.</param>
    internal readonly record struct Outcome(int Applied, int Unreadable, bool IsWhole, bool IsCutShort);
}
