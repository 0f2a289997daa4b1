using System.Net;
using Microsoft.Azure.Cosmos;
using static Lookup.Emulator.Tests.Feeds.MergingAccount;

namespace Lookup.Emulator.Tests.Feeds;

/// <summary>Tests merges of physical ranges (docs: "Merge partitions in Azure Cosmos DB").</summary>
public sealed class MergeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Merge_replaces_two_adjacent_ranges_by_one_that_names_them_as_parents()
    {
        await using var own = await StartAsync();
        var lsns = new List<long>();
        for (var range = 0; range < 4; range++) lsns.Add(await LsnAsync(own, $"{range}"));

        var merged = await own.Control.MergeAsync(own.Container, "2", "1");

        Assert.Equal("4", merged);
        Assert.Equal(["0 []", "4 [1, 2]", "3 []"], await RangesAsync(own, known: null));
        Assert.Equal(["4 [1, 2]"], await RangesAsync(own, known: "\"1\""));
        Assert.True(await LsnAsync(own, "4") > Math.Max(lsns[1], lsns[2]));
        Assert.Equal(lsns[0], await LsnAsync(own, "0"));
        foreach (var parent in (string[])["1", "2"])
        {
            var (status, _, response) = await PollAsync(own, parent);
            Assert.Equal((HttpStatusCode.Gone, "1002"), (status, response.Headers.GetValues("x-ms-substatus").Single()));
        }
    }

    [Fact]
    public async Task Merge_of_ranges_that_are_not_adjacent_is_rejected_and_changes_nothing()
    {
        await using var own = await StartAsync();

        var (status, body) = await own.Control.TryAsync(
            HttpMethod.Post, "merges", $$"""{"database":"lookup","container":"{{own.Container.Id}}","ranges":["0","2"]}""");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("The ranges '0' and '2' are not adjacent; in the order of their keys, the ranges are 0, 1, 2, 3.", body);
        Assert.Equal(4, (await RangesAsync(own, known: null)).Count);
        await own.Container.DrainAsync<ChangeFeedItem<UserItem>>(ChangeFeedStartFrom.Now(), ChangeFeedMode.AllVersionsAndDeletes);
    }

    /// <summary>Tests a client that has cached the ranges and has session tokens for them.</summary>
    [Fact]
    public async Task Reads_and_writes_continue_in_a_client_that_has_cached_the_former_ranges()
    {
        await using var own = await StartAsync();
        (string, PartitionKey)[] all = [.. Enumerable.Range(0, Users).Select(number => ($"u{number}", new PartitionKey($"u{number}")))];
        Assert.Equal(Users, (await own.Container.ReadManyItemsAsync<UserItem>(all, cancellationToken: Cancellation)).Count);
        using var inProgress = own.Container.GetItemQueryIterator<UserItem>(
            "SELECT * FROM c ORDER BY c.email", requestOptions: new QueryRequestOptions { MaxItemCount = 7 });
        using var unordered = own.Container.GetItemQueryIterator<UserItem>("SELECT * FROM c", requestOptions: new QueryRequestOptions { MaxItemCount = 3 });
        var ordered = (await inProgress.ReadNextAsync(Cancellation)).ToList();
        var found = (await unordered.ReadNextAsync(Cancellation)).ToList();

        foreach (var (one, adjacent, expected) in (IEnumerable<(string, string, string)>)[("0", "1", "4"), ("2", "3", "5"), ("4", "5", "6")])
        {
            Assert.Equal(expected, await own.Control.MergeAsync(own.Container, one, adjacent));

            ordered.AddRange(await inProgress.ReadNextAsync(Cancellation));
            found.AddRange(await unordered.ReadNextAsync(Cancellation));
            var many = await own.Container.ReadManyItemsAsync<UserItem>(all, cancellationToken: Cancellation);
            Assert.Equal(all.Select(item => item.Item1).Order(), many.Select(user => user.id).Order());
            Assert.Equal(Users, (await FeedIterators.AllAsync(own.Container.GetItemQueryIterator<UserItem>("SELECT * FROM c"))).Count);
            Assert.Equal(Users, Assert.Single(await FeedIterators.AllAsync(own.Container.GetItemQueryIterator<int>("SELECT VALUE COUNT(1) FROM c"))));
            for (var number = 0; number < Users; number++)
            {
                await SaveAsync(own, number, $"after {expected}");
                var read = await own.Container.ReadItemAsync<UserItem>($"u{number}", new($"u{number}"), cancellationToken: Cancellation);
                Assert.Equal($"after {expected}", read.Resource.name);
            }
        }

        ordered.AddRange(await FeedIterators.AllAsync(inProgress));
        found.AddRange(await FeedIterators.AllAsync(unordered));
        Assert.Equal(Enumerable.Range(0, Users).Select(number => UserItem.Number(number).email).Order(StringComparer.Ordinal), ordered.Select(user => user.email));
        Assert.Equal(all.Select(item => item.Item1).Order(), found.Select(user => user.id).Order());
    }

    /// <summary>Tests that the LSNs of a merged range are above those of its parents even in a replica that lags.</summary>
    [Fact]
    public async Task Replica_that_lags_does_not_return_a_state_from_before_the_merge()
    {
        await using var own = await StartAsync();
        var before = Math.Max(await LsnAsync(own, "0"), await LsnAsync(own, "1"));
        await own.Control.MergeAsync(own.Container, "0", "1");

        await own.Control.SetLagAsync(maxMs: 86_400_000, seed: 1);

        Assert.Equal(before + 1, await LsnAsync(own, "4"));
    }
}
