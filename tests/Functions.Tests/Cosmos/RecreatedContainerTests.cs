using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Support;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>A container that was deleted and recreated under the same name, with lagging replicas.</summary>
public sealed class RecreatedContainerTests
{
    /// <summary>
    /// The new container happens to satisfy the session token of the old client, so the old client finds the user. The new client
    /// has no token yet, and reads the container as it was before the user was written.
    /// </summary>
    [Fact]
    public async Task User_that_was_found_is_not_reported_as_not_found_afterwards()
    {
        await using var account = await Account.OpenAsync();
        await account.UpsertAsync("ada", null, 1, Cancel.Token);
        Assert.True(await IsFoundAsync()); // from here on the reader knows the old container
        await account.RecreateContainerAsync();
        await account.UpsertAsync("ada", null, 2, Cancel.Token);
        await account.SetLagAsync(TimeSpan.FromHours(1));

        var wasFound = false;
        for (var i = 0; i < 5; i++)
        {
            var isFound = await IsFoundAsync();
            Assert.False(wasFound && !isFound, $"Read {i} did not find the user, but an earlier read did.");
            wasFound = isFound;
        }

        async Task<bool> IsFoundAsync() =>
            (await account.Reader.ReadAsync(UserKey.Create("ada"), null, Cancel.Token)).Status == StoreReadStatus.Found;
    }

    /// <summary>The new container has partitions with the ids and versions of the old one, and counts from the beginning.</summary>
    [Fact]
    public async Task Positions_of_reads_before_and_after_the_recreation_are_not_comparable()
    {
        await using var account = await Account.OpenAsync();
        await account.UpsertAsync("ada", null, 1, Cancel.Token);
        var before = (await account.Reader.ReadAsync(UserKey.Create("ada"), null, Cancel.Token)).Position;
        await account.RecreateContainerAsync();
        for (var version = 2; version < 10; version++)
            await account.UpsertAsync("ada", null, version, Cancel.Token);

        var after = (await account.Reader.ReadAsync(UserKey.Create("ada"), null, Cancel.Token)).Position;

        Assert.True(before.IsKnown && after.IsKnown);
        Assert.Equal(before.Partition! with { Log = before.Partition.Log + 1 }, after.Partition);
        Assert.False(after.Includes(before));
    }
}
