using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Support;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>A container that was deleted and created again under its name, with replicas that lag.</summary>
public sealed class RecreatedContainerTests
{
    /// <summary>
    /// The old client's session token happens to be one that the new container can satisfy, so the old client sees the user; the new
    /// client has no token yet, and sees the container as it was before the user was written.
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
            Assert.False(wasFound && !isFound, $"read {i} does not find the user, whom an earlier one had found");
            wasFound = isFound;
        }

        async Task<bool> IsFoundAsync() =>
            (await account.Reader.ReadAsync(UserKey.Create("ada"), null, Cancel.Token)).Status == StoreReadStatus.Found;
    }
}
