using Lookup.Support;

namespace Lookup.Functions.Tests.Cosmos;

public sealed class FeedStartTests
{
    [Fact]
    public async Task Container_whose_definition_must_not_be_read_is_followed_without_a_partitioner()
    {
        await using var account = await Account.OpenAsync();
        var before = await account.Feed.StartAsync(Cancel.Token); // from now on, the SDK knows the container
        await account.AddFaultAsync("""{"operation":"container","status":403}""");

        var start = await account.Feed.StartAsync(Cancel.Token);

        Assert.NotNull(before.Partitioner);
        Assert.Null(start.Partitioner);
        Assert.Equal(before.Positions, start.Positions);
    }
}
