using Lookup.Functions.Cosmos.Documents;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>Tests how long Cosmos DB still returns an item, by its own clock.</summary>
public sealed class ItemExpiryTests
{
    private const long Written = 1_900_000_000;

    [Theory]
    [InlineData(null, 60, null)] // time to live is off: an item's own value does not count
    [InlineData(null, null, null)]
    [InlineData(-1L, null, null)] // on, without a default
    [InlineData(-1L, 60, 48.0)]
    [InlineData(30L, null, 18.0)]
    [InlineData(30L, 60, 48.0)]
    [InlineData(30L, -1, null)] // this item never expires
    [InlineData(30L, 12, 0.0)] // rounded down by the resolution of the clock in the response
    [InlineData(30L, 5, 0.0)]
    public void Own_value_takes_precedence_over_that_of_the_container_if_time_to_live_is_on(long? container, int? item, double? seconds)
    {
        var left = new ItemExpiry(container, IsKnown: true).Left(Written, item, At(Written + 10));

        Assert.Equal(seconds, left?.TotalSeconds);
    }

    [Fact]
    public void Longest_time_to_live_does_not_overflow() =>
        Assert.Equal(int.MaxValue - 2, new ItemExpiry(-1, IsKnown: true).Left(Written, int.MaxValue, At(Written))!.Value.TotalSeconds);

    [Fact]
    public void Own_value_counts_if_the_container_is_not_known_unless_the_store_returns_the_item_after_that_time()
    {
        Assert.Equal(48, ItemExpiry.Unknown.Left(Written, 60, At(Written + 10))!.Value.TotalSeconds);
        Assert.Equal(0, ItemExpiry.Unknown.Left(Written, 60, At(Written + 60))!.Value.TotalSeconds);
        Assert.Null(ItemExpiry.Unknown.Left(Written, 60, At(Written + 63)));
    }

    [Fact]
    public void Item_that_may_be_older_than_the_response_does_not_show_that_it_never_expires() =>
        Assert.Equal(0, ItemExpiry.Unknown.WithoutConclusion.Left(Written, 60, At(Written + 1000))!.Value.TotalSeconds);

    private static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
}
