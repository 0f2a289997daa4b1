using System.Net;
using Lookup.Support;
using Microsoft.AspNetCore.Connections;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests;

public sealed class LifetimeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_on_a_port_in_use_throws_IOException()
    {
        await using var first = await CosmosEmulator.StartAsync(new CosmosEmulatorOptions(), Cancellation);

        var error = await Assert.ThrowsAsync<IOException>(
            () => CosmosEmulator.StartAsync(new CosmosEmulatorOptions { Port = first.Port }, Cancellation));

        Assert.IsType<AddressInUseException>(error.InnerException);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(70000, 1)]
    [InlineData(0, 0)]
    [InlineData(0, 65)]
    public async Task Start_with_a_setting_out_of_range_throws(int port, int ranges)
    {
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => CosmosEmulator.StartAsync(new CosmosEmulatorOptions { Port = port, Ranges = ranges }, Cancellation));

        Assert.Contains("it must be", error.Message);
    }

    [Fact]
    public async Task Dispose_aborts_held_requests_instead_of_waiting_for_them()
    {
        var own = await OwnEmulator.StartAsync();
        await own.Control.AddFaultAsync(new { operation = "pointRead", delayMs = 600_000 });
        var held = own.Raw.SendAsync("GET", $"{own.Path}/docs/u1", headers: ("x-ms-documentdb-partitionkey", "[\"u1\"]"));
        await Eventually.IsTrueAsync(async () => await own.Control.StatAsync("pointReads") == 1, "the read arrives");

        await Eventually.EndsAsync(own.Emulator.DisposeAsync().AsTask(), "the endpoint stops before the request that it holds");

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => held);
        await own.DisposeAsync();
    }

    [Fact]
    public async Task Restart_on_the_same_port_is_empty_and_clients_continue()
    {
        await using var own = await OwnEmulator.StartAsync();
        await own.Container.CreateItemAsync(UserItem.Number(1), new("u1"), cancellationToken: Cancellation);
        await own.Container.ReadItemAsync<UserItem>("u1", new("u1"), cancellationToken: Cancellation);
        await own.Emulator.DisposeAsync();

        await using var second = await CosmosEmulator.StartAsync(new CosmosEmulatorOptions { Port = own.Emulator.Port }, Cancellation);
        using var client = Clients.Connect(second.ConnectionString);
        Database database = await client.CreateDatabaseAsync("lookup", cancellationToken: Cancellation);
        Container made = await database.CreateContainerAsync(own.Container.Id, Containers.KeyPath, cancellationToken: Cancellation);
        using var before = await made.ReadItemStreamAsync("u1", new("u1"), cancellationToken: Cancellation);
        await made.CreateItemAsync(UserItem.Number(1) with { name = "after" }, new("u1"), cancellationToken: Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, before.StatusCode);
        // The first client still has session tokens of the previous container.
        Assert.Equal("after", (await own.Container.ReadItemAsync<UserItem>("u1", new("u1"), cancellationToken: Cancellation)).Resource.name);
    }

    [Fact]
    public async Task Concurrent_emulators_share_nothing()
    {
        await using var first = await OwnEmulator.StartAsync();
        await using var second = await OwnEmulator.StartAsync();

        var (status, _, _) = await second.Raw.SendAsync("GET", first.Path);

        Assert.Equal(HttpStatusCode.NotFound, status);
    }
}
