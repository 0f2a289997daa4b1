using System.Net;
using System.Text.Json.Nodes;
using Lookup.Local.Tests;
using Lookup.Local.Writes;
using Microsoft.Azure.Cosmos;

[assembly: AssemblyFixture(typeof(StoreFixture))]

namespace Lookup.Local.Tests;

/// <summary>A local endpoint with 50 sample users and its write routes. Each test uses different users.</summary>
public sealed class StoreFixture : IAsyncLifetime
{
    public const int Users = 50;

    private LocalStore? _store;
    private WebApplication? _application;

    /// <summary>Gets the client of the write routes.</summary>
    public HttpClient Client { get; private set; } = new();

    /// <summary>Gets the numbers that seeding reported, in no particular order.</summary>
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
        _application = builder.Build();
        _application.Urls.Add("http://127.0.0.1:0");
        LocalUsersEndpoint.Map(_application, new UserWriter(_store.Users));
        await _application.StartAsync(cancellation);
        Client.BaseAddress = new Uri(_application.Urls.Single());
    }

    /// <summary>Reads a user as it is stored, or returns <see langword="null"/> if it does not exist.</summary>
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
        Client.Dispose();
        if (_application is not null)
            await _application.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
    }
}
