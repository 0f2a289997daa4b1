using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Documents;

public sealed class RequestChargeTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(500, 1, 1)]
    [InlineData(100 * 1024, 9, 11)]
    public async Task Point_read_costs_by_size(int length, double least, double most)
    {
        await using var own = await OwnEmulator.StartAsync();
        await own.Container.CreateItemAsync(UserItem.Number(1) with { name = new string('x', length) }, new("u1"), cancellationToken: Cancelled);

        var read = await own.Container.ReadItemAsync<UserItem>("u1", new("u1"), cancellationToken: Cancelled);

        Assert.InRange(read.RequestCharge, least, most);
    }

    [Fact]
    public async Task Writes_of_a_small_document_cost_five_to_ten()
    {
        await using var own = await OwnEmulator.StartAsync();

        var create = await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancelled);
        var replace = await own.Container.UpsertItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancelled);
        var delete = await own.Container.DeleteItemAsync<UserItem>("u1", new("u1"), cancellationToken: Cancelled);

        Assert.All([create.RequestCharge, replace.RequestCharge, delete.RequestCharge], charge => Assert.InRange(charge, 5, 11));
        Assert.Equal(create.RequestCharge + replace.RequestCharge + delete.RequestCharge, await own.Control.ChargeAsync("writes"), 2);
    }

    [Fact]
    public async Task Conditional_read_and_read_of_nothing_cost_a_read()
    {
        await using var own = await OwnEmulator.StartAsync();
        var created = await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancelled);

        using var unchanged = await own.Container.ReadItemStreamAsync("u1", new("u1"), new ItemRequestOptions { IfNoneMatchEtag = created.ETag }, Cancelled);
        using var absent = await own.Container.ReadItemStreamAsync("u2", new("u2"), cancellationToken: Cancelled);

        Assert.Equal((1, 1), (unchanged.Headers.RequestCharge, absent.Headers.RequestCharge));
        Assert.Equal(2, await own.Control.ChargeAsync("pointReads"));
        Assert.Equal(2, await own.Control.StatAsync("pointReads"));
    }

    [Fact]
    public async Task Empty_feed_poll_costs_what_the_setting_says()
    {
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { Ranges = 2, EmptyFeedPollCharge = 0.25 });

        await own.Container.DrainAsync<UserItem>(ChangeFeedStartFrom.Now());

        Assert.Equal(0.5, await own.Control.ChargeAsync("feedPolls"));
    }

    [Fact]
    public async Task Query_costs_more_the_more_it_returns()
    {
        await using var own = await OwnEmulator.StartAsync();
        for (var number = 0; number < 50; number++)
            await own.Container.CreateItemAsync(UserItem.Number(number), new($"u{number}"), cancellationToken: Cancelled);

        var one = await ChargeOfAsync(own, "SELECT * FROM c WHERE c.id = 'u1'");
        var all = await ChargeOfAsync(own, "SELECT * FROM c");

        Assert.True(all > one && one > 2, $"One costs {one}, all cost {all}.");
    }

    private static async Task<double> ChargeOfAsync(OwnEmulator own, string query)
    {
        using var iterator = own.Container.GetItemQueryIterator<UserItem>(query);
        return (await iterator.ReadNextAsync(Cancelled)).RequestCharge;
    }
}
