using Lookup.Contracts;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Cosmos.Connecting;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Cosmos.Feed;
using Lookup.Functions.Support;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Tests.Cosmos;

/// <summary>The Cosmos DB implementations of both ports, as in one instance, and a writer with its own client.</summary>
internal sealed class Account : IUserWriter, IAsyncDisposable
{
    private readonly Store _store;
    private readonly CosmosConnection _connection;

    private Account(Store store, bool showsDeletes)
    {
        _store = store;
        _connection = new CosmosConnection(SettingsOf(store, showsDeletes));
        var shape = new DocumentShape(PathOf("/id"), [PathOf("/email")], []);
        Reader = new CosmosUserStore(_connection, shape);
        Feed = new CosmosChangeFeed(_connection, shape, showsDeletes ? FeedMode.AllVersionsAndDeletes : FeedMode.LatestVersion, continuesOthers: true);
    }

    public CosmosUserStore Reader { get; }

    public CosmosChangeFeed Feed { get; }

    public static async Task<Account> OpenAsync(bool showsDeletes = false) => new(await Store.StartAsync(), showsDeletes);

    public Task UpsertAsync(string id, string? email, int version, CancellationToken cancellationToken) =>
        _store.PutAsync(email is null ? $$"""{"id":"{{id}}","version":{{version}}}""" : $$"""{"id":"{{id}}","email":"{{email}}","version":{{version}}}""", id);

    public Task DeleteAsync(string id, CancellationToken cancellationToken) => _store.DeleteAsync(id);

    public async Task SplitAsync(CancellationToken cancellationToken)
    {
        for (var range = 0; range < Store.Ranges; range++)
            await _store.SplitAsync($"{range}");
    }

    public Task<(string Lower, string Upper)> SplitAsync(string range) => _store.SplitAsync(range);

    public Task<string> RangeOfAsync(string id) => _store.RangeOfAsync(id);

    public Task AddFaultAsync(string json) => _store.AddFaultAsync(json);

    public Task RecreateContainerAsync() => _store.RecreateContainerAsync();

    public Task SetLagAsync(TimeSpan lag) => _store.SetLagAsync(lag);

    public Task ClearFaultsAsync() => _store.ClearFaultsAsync();

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        await _store.DisposeAsync();
    }

    private static CosmosSettings SettingsOf(Store store, bool showsDeletes)
    {
        return new CosmosSettings
        {
            Account = ConnectionString.Parse(store.ConnectionString),
            LimitToEndpoint = true,
            Mode = ConnectionMode.Gateway,
            Database = "lookup",
            Container = "users",
            PartitionKey = PathOf("/id"),
            FeedMode = showsDeletes ? FeedMode.AllVersionsAndDeletes : FeedMode.LatestVersion,
        };
    }

    private static JsonPath PathOf(string text) => JsonPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);
}
