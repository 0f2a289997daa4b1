using Lookup.Emulator.Partitioning;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>The documents of a query or a feed: all, or those of a physical range, an interval of keys, or one partition key.</summary>
internal sealed class FeedScope
{
    private readonly PartitionKeyValue? _key;
    private readonly KeyRange _keys;

    private FeedScope(PhysicalRange? range, PartitionKeyValue? key, KeyRange keys)
    {
        Range = range;
        _key = key;
        _keys = keys;
    }

    /// <summary>Gets the physical range that contains the scope, or <see langword="null"/> if the scope spans several ranges.</summary>
    public PhysicalRange? Range { get; }

    public static FeedScope Read(Exchange exchange, Container container)
    {
        var keys = new KeyRange(
            ReadPlace(exchange, HeaderNames.StartKey) ?? KeyRange.Everything.Min,
            ReadPlace(exchange, HeaderNames.EndKey) ?? KeyRange.Everything.Max);
        if (exchange.Header(HeaderNames.PartitionKey) is { } header)
        {
            var key = PartitionKeyHeader.Parse(header);
            return new FeedScope(container.Ranges.RangeOf(key.Hash()), key, keys);
        }

        return new FeedScope(StatedRange(exchange, container) ?? RangeAround(container, keys), null, keys);
    }

    public bool Contains(Document document) =>
        (_key is null || document.Key.PartitionKey == _key)
        && _keys.Contains(document.Place)
        && (Range is null || Range.Keys.Contains(document.Place));

    private static PhysicalRange? StatedRange(Exchange exchange, Container container)
    {
        if (exchange.Header(HeaderNames.PartitionKeyRangeId) is not { } stated) return null;
        // The format is "container RID,range id", or the range id alone.
        return container.Ranges.Find(stated[(stated.IndexOf(',', StringComparison.Ordinal) + 1)..]);
    }

    private static PhysicalRange? RangeAround(Container container, KeyRange keys)
    {
        var range = container.Ranges.RangeOf(keys.Min);
        return keys.Max <= range.Keys.Max ? range : null;
    }

    private static EffectivePartitionKey? ReadPlace(Exchange exchange, string header)
    {
        if (exchange.Header(header) is not { } text) return null;
        return EffectivePartitionKey.TryParse(text, out var place)
            ? place
            : throw CosmosErrorException.BadRequest($"The header {header} is '{text}'; it must be up to 32 hexadecimal digits.");
    }
}
