using System.Text;
using System.Text.Json;
using Lookup.Emulator.Partitioning;

namespace Lookup.Emulator.Tests.Documents;

public sealed class PartitioningTests
{
    // The last value is published with the reference implementation (SMHasher). The others were computed by it.
    [Theory]
    [InlineData("", 0ul, 0ul)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0xe34bbc7bbc071b6cul, 0x7a433ca9c49a9347ul)]
    public void Hash_of_known_text_is_the_published_one(string text, ulong first, ulong second) =>
        Assert.Equal((first, second), MurmurHash3.Hash(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(64)]
    public void Divide_leaves_no_gap_and_no_overlap(int count)
    {
        var ranges = KeyRange.Divide(count).ToList();

        Assert.Equal(count, ranges.Count);
        Assert.Equal("", ranges[0].Min.ToString());
        Assert.Equal("FF", ranges[^1].Max.ToString());
        for (var i = 1; i < count; i++) Assert.Equal(ranges[i - 1].Max, ranges[i].Min);
    }

    [Fact]
    public void Divide_spreads_keys_evenly()
    {
        var ranges = KeyRange.Divide(4).ToList();
        var counts = Enumerable.Range(0, 4000)
            .Select(number => PartitionKeyValue.FromText($"user-{number}").Hash())
            .CountBy(place => ranges.FindIndex(range => range.Contains(place)));

        Assert.All(counts, share => Assert.InRange(share.Value, 800, 1200));
    }

    [Theory]
    [InlineData("")]
    [InlineData("FF")]
    [InlineData("0AB30000000000000000000000000001")]
    public void TryParse_reads_what_ToString_writes(string text)
    {
        Assert.True(EffectivePartitionKey.TryParse(text, out var place));
        Assert.Equal(text, place.ToString());
    }

    [Theory]
    [InlineData("\"u1\"")]
    [InlineData("17")]
    [InlineData("1.5")]
    [InlineData("true")]
    [InlineData("false")]
    [InlineData("null")]
    [InlineData("{}")]
    public void Header_and_document_yield_the_same_key(string json)
    {
        var inDocument = json == "{}" ? "{}" : $$"""{"key":{{json}}}""";

        var value = PartitionKeyPath.Parse("/key").ValueIn(JsonDocument.Parse(inDocument).RootElement);

        Assert.Equal(PartitionKeyHeader.Parse($"[{json}]"), value);
        Assert.True(KeyRange.Everything.Contains(value.Hash()));
    }
}
