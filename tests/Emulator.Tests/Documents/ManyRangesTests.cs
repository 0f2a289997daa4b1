using Lookup.Emulator.Partitioning;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Documents;

public sealed class ManyRangesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The ranges come from the option, or from the throughput: 10,000 RU/s for each one (docs: "Partitioning in Azure Cosmos DB").</summary>
    [Theory]
    [InlineData(64, null)]
    [InlineData(1, 640_000)]
    public async Task Container_of_64_ranges_is_read_and_followed_range_by_range(int ranges, int? throughput)
    {
        const int Count = CosmosEmulatorOptions.MaxRanges;
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { Ranges = ranges }, throughput: throughput);
        var users = OneUserInEach(Count);

        var feedRanges = await own.Container.GetFeedRangesAsync(Cancellation);
        var starts = new List<string>();
        foreach (var range in feedRanges) starts.Add((await own.Container.DrainAsync<UserItem>(ChangeFeedStartFrom.Now(range))).Continuation);
        foreach (var user in users) await own.Container.CreateItemAsync(user, new(user.userId), cancellationToken: Cancellation);

        Assert.Equal((64, 64), (Count, feedRanges.Count));
        var places = new List<string>();
        foreach (var user in users)
        {
            var read = await own.Container.ReadItemAsync<UserItem>(user.id, new(user.userId), cancellationToken: Cancellation);
            Assert.Equal(user.email, read.Resource.email);
            places.Add(read.Headers["x-ms-documentdb-partitionkeyrangeid"]);
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{number}"), places);
        // The SDK returns the feed ranges in the order of their keys.
        for (var i = 0; i < Count; i++)
        {
            var (changes, _) = await own.Container.DrainAsync<UserItem>(ChangeFeedStartFrom.ContinuationToken(starts[i]));
            Assert.Equal(users[i].id, Assert.Single(changes).id);
        }
    }

    /// <summary>Returns a user in each of the ranges, in their order.</summary>
    private static UserItem[] OneUserInEach(int count) =>
    [
        .. KeyRange.Divide(count).Select(range => Enumerable.Range(0, int.MaxValue).Select(UserItem.Number)
            .First(user => range.Contains(PartitionKeyValue.FromText(user.userId).Hash()))),
    ];
}
