using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Documents;

public sealed class RequestChargeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(500, 1, 1)]
    [InlineData(100 * 1024, 9, 11)]
    public async Task Point_read_charge_depends_on_the_size(int length, double min, double max)
    {
        await using var own = await OwnEmulator.StartAsync();
        await own.Container.CreateItemAsync(UserItem.Number(1) with { name = new string('x', length) }, new("u1"), cancellationToken: Cancellation);

        var read = await own.Container.ReadItemAsync<UserItem>("u1", new("u1"), cancellationToken: Cancellation);

        Assert.InRange(read.RequestCharge, min, max);
    }

    [Fact]
    public async Task Write_of_a_small_document_costs_five_to_ten_RU()
    {
        await using var own = await OwnEmulator.StartAsync();

        var create = await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancellation);
        var replace = await own.Container.UpsertItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancellation);
        var delete = await own.Container.DeleteItemAsync<UserItem>("u1", new("u1"), cancellationToken: Cancellation);

        Assert.All([create.RequestCharge, replace.RequestCharge, delete.RequestCharge], charge => Assert.InRange(charge, 5, 11));
        Assert.Equal(create.RequestCharge + replace.RequestCharge + delete.RequestCharge, await own.Control.ChargeAsync("writes"), 2);
    }

    [Fact]
    public async Task Conditional_read_and_read_of_a_nonexistent_document_cost_a_read()
    {
        await using var own = await OwnEmulator.StartAsync();
        var created = await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancellation);

        using var unchanged = await own.Container.ReadItemStreamAsync("u1", new("u1"), new ItemRequestOptions { IfNoneMatchEtag = created.ETag }, Cancellation);
        using var absent = await own.Container.ReadItemStreamAsync("u2", new("u2"), cancellationToken: Cancellation);

        Assert.Equal((1, 1), (unchanged.Headers.RequestCharge, absent.Headers.RequestCharge));
        Assert.Equal(2, await own.Control.ChargeAsync("pointReads"));
        Assert.Equal(2, await own.Control.StatAsync("pointReads"));
    }

    [Fact]
    public async Task Empty_feed_poll_costs_the_configured_charge()
    {
        await using var own = await OwnEmulator.StartAsync(new CosmosEmulatorOptions { Ranges = 2, EmptyFeedPollCharge = 0.25 });

        await own.Container.DrainAsync<UserItem>(ChangeFeedStartFrom.Now());

        Assert.Equal(0.5, await own.Control.ChargeAsync("feedPolls"));
    }

    [Fact]
    public async Task Query_charge_grows_with_the_result()
    {
        await using var own = await OwnEmulator.StartAsync();
        for (var number = 0; number < 50; number++)
            await own.Container.CreateItemAsync(UserItem.Number(number), new($"u{number}"), cancellationToken: Cancellation);

        var one = await ChargeOfAsync(own, "SELECT * FROM c WHERE c.id = 'u1'");
        var all = await ChargeOfAsync(own, "SELECT * FROM c");

        Assert.True(all > one && one > 2, $"One costs {one}, all cost {all}.");
    }

    private static async Task<double> ChargeOfAsync(OwnEmulator own, string query)
    {
        using var iterator = own.Container.GetItemQueryIterator<UserItem>(query);
        return (await iterator.ReadNextAsync(Cancellation)).RequestCharge;
    }
}
