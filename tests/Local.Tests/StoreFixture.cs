using System.Net;
using System.Text.Json.Nodes;
using Lookup.Local.Tests;
using Lookup.Local.Writes;
using Microsoft.Azure.Cosmos;

[assembly: AssemblyFixture(typeof(StoreFixture))]

namespace Lookup.Local.Tests;

/// <summary>A local endpoint with 50 sample users, and the writing routes over it. Each test takes users of its own.</summary>
public sealed class StoreFixture : IAsyncLifetime
{
    public const int Users = 50;

    private LocalStore? _store;
    private WebApplication? _door;

    /// <summary>Talks to the writing routes.</summary>
    public HttpClient Door { get; private set; } = new();

    /// <summary>The last figure that the seeding reported for each call, in no order.</summary>
    public IReadOnlyCollection<int> Reported { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        _store = await LocalStore.StartAsync(port: 0, ranges: 4, cancellation);
        var reported = new System.Collections.Concurrent.ConcurrentBag<int>();
        await _store.SeedAsync(Users, reported.Add, cancellation);
        Reported = reported;

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _door = builder.Build();
        _door.Urls.Add("http://127.0.0.1:0");
        LocalUsersEndpoint.Map(_door, new UserWriter(_store.Users));
        await _door.StartAsync(cancellation);
        Door.BaseAddress = new Uri(_door.Urls.Single());
    }

    /// <summary>Reads a user as it is stored; <see langword="null"/> where there is none.</summary>
    public async Task<JsonObject?> ReadAsync(string id)
    {
        try
        {
            var cancellation = TestContext.Current.CancellationToken;
            var response = await _store!.Users.ReadItemAsync<JsonObject>(id, new PartitionKey(id), cancellationToken: cancellation);
            return response.Resource;
        }
        catch (CosmosException absent) when (absent.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Door.Dispose();
        if (_door is not null)
            await _door.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
    }
}
