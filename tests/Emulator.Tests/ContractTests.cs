using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests;

/// <summary>The base class of the contract tests, with helpers that create containers and users.</summary>
public abstract class ContractTests(CosmosEndpoint endpoint)
{
    protected CosmosEndpoint Endpoint { get; } = endpoint;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected static PartitionKey Key(string value) => new(value);

    protected static ValueTask<UserItem> UserAsync(Container container, int number) => SaveAsync(container, UserItem.Number(number));

    protected static async ValueTask<UserItem> SaveAsync(Container container, UserItem user) =>
        (await container.UpsertItemAsync(user, Key(user.userId), cancellationToken: Cancellation)).Resource;

    /// <summary>Creates a container with users 0 to <paramref name="count"/> - 1.</summary>
    protected async Task<Container> ContainerOfUsersAsync(int count)
    {
        var container = await Endpoint.NewContainerAsync();
        for (var number = 0; number < count; number++) await UserAsync(container, number);
        return container;
    }
}
