using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests;

/// <summary>What the tests of the contract have in common: a container of their own and users in it.</summary>
public abstract class ContractTests(CosmosEndpoint endpoint)
{
    protected CosmosEndpoint Endpoint { get; } = endpoint;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected static PartitionKey Key(string value) => new(value);

    protected static ValueTask<UserItem> UserAsync(Container container, int number) => SaveAsync(container, UserItem.Number(number));

    protected static async ValueTask<UserItem> SaveAsync(Container container, UserItem user) =>
        (await container.UpsertItemAsync(user, Key(user.userId), cancellationToken: Cancelled)).Resource;

    /// <summary>A container of users 0 to <paramref name="count"/> - 1.</summary>
    protected async Task<Container> ContainerOfUsersAsync(int count)
    {
        var container = await Endpoint.NewContainerAsync();
        for (var number = 0; number < count; number++) await UserAsync(container, number);
        return container;
    }
}
