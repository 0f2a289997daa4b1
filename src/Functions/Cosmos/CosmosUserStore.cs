using System.Net;
using System.Text.Json;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Cosmos.Feed;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>A user store that reads from a Cosmos DB container.</summary>
internal sealed class CosmosUserStore(CosmosConnection connection, DocumentShape shape, Action<JsonPath>? hiddenFieldNotFound = null) : IUserStore
{
    private readonly UserDocumentReader _reader = new(shape, hiddenFieldNotFound);
    private readonly ResponsePartitions _partitions = new();
    private readonly AlternateKeyQuery _query = new(shape);
    private readonly ManyUsersQuery _manyQuery = new(shape);

    public ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken) =>
        connection.ReadAsync((users, log) => ReadAsync(users, log, key, ifNoneMatch, null, cancellationToken), cancellationToken);

    public ValueTask<StoreRead> ReadInSessionAsync(UserKey key, SessionToken session, CancellationToken cancellationToken) =>
        connection.ReadInSessionAsync((users, log) => ReadAsync(users, log, key, null, session.Text, cancellationToken), cancellationToken);

    public async ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken)
    {
        var byId = keys.Where(key => PointReadId.CanName(key.Id)).ToList();
        var byQuery = byId.Count == keys.Count ? [] : keys.Where(key => !PointReadId.CanName(key.Id)).ToList();
        var gate = new Lock();
        await Task.WhenAll(ReadAsync(byId, ReadItemsAsync), ReadAsync(byQuery, QueryManyAsync));

        async Task ReadAsync(List<UserKey> some, Func<Container, ReadPositions, IReadOnlyList<UserKey>, CancellationToken, Task<StoreReadMany>> read)
        {
            if (some.Count == 0)
                return;

            var result = await connection.ReadAsync((users, log) => read(users, new ReadPositions(_partitions, log), some, cancellationToken), cancellationToken);
            lock (gate)
                part(result);
        }
    }

    public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) =>
        connection.ReadAsync((users, log) => FindAsync(users, new ReadPositions(_partitions, log), key, limit, cancellationToken), cancellationToken);

    private async Task<StoreRead> ReadAsync(
        Container users,
        long log,
        UserKey key,
        string? ifNoneMatch,
        string? session,
        CancellationToken cancellationToken)
    {
        if (!PointReadId.CanName(key.Id))
            return await ReadByQueryAsync(users, log, key, session, cancellationToken);

        var options = ifNoneMatch is null && session is null ? null : new ItemRequestOptions { IfNoneMatchEtag = ifNoneMatch, SessionToken = session };
        using var response = await CosmosCall.RunAsync(
            token => users.ReadItemStreamAsync(key.Id, new PartitionKey(key.PartitionKey), options, token), cancellationToken);
        var (partition, lsn) = _partitions.PositionOf(response, log);
        var charge = response.Headers.RequestCharge;
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                var (id, _, user) = Parse(ResponseContent.GetBytes(response), CosmosCall.NumberIn(response, "x-ms-item-lsn"), CosmosCall.DateOf(response), isAlone: true);
                return id == key.Id
                    ? new StoreRead(StoreReadStatus.Found, user, lsn, charge) { Partition = partition }
                    : throw new UserStoreException(
                        UserStoreFailure.Unavailable,
                        "Cosmos DB returned a different item than the one requested.",
                        new JsonException("The id of the item is not the requested one."));

            case HttpStatusCode.NotModified when ifNoneMatch is not null:
                return new StoreRead(StoreReadStatus.NotModified, null, lsn, charge)
                {
                    Partition = partition,
                    ConfirmedLsn = CosmosCall.NumberIn(response, "x-ms-item-lsn"),
                };

            case HttpStatusCode.NotFound when CosmosCall.SubStatusOf(response) == 0:
                // A replica that looked up the item reports its session. If there is none, the container itself might not exist.
                if (response.Headers.Session is null)
                    await CheckContainerAsync(users, cancellationToken);
                return new StoreRead(StoreReadStatus.NotFound, null, lsn, charge) { Partition = partition };

            default:
                throw CosmosCall.Explain(response);
        }
    }

    private async Task<StoreReadMany> ReadItemsAsync(
        Container users, ReadPositions positions, IReadOnlyList<UserKey> keys, CancellationToken cancellationToken)
    {
        var items = keys.Select(key => (key.Id, new PartitionKey(key.PartitionKey))).ToList();
        var options = new ReadManyRequestOptions { Properties = ResponseObserver.PropertiesFor(positions) };
        using var response = await CosmosCall.RunAsync(token => users.ReadManyItemsStreamAsync(items, options, token), cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
            throw CosmosCall.Explain(response);

        return new StoreReadMany(keys, UsersIn(response, positions.Date), response.Headers.RequestCharge) { Positions = positions.All };
    }

    /// <summary>Reads users with ids that a URI cannot contain, in a single query.</summary>
    private async Task<StoreReadMany> QueryManyAsync(
        Container users, ReadPositions positions, IReadOnlyList<UserKey> keys, CancellationToken cancellationToken)
    {
        var found = new Dictionary<UserKey, UserDocument>();
        var charge = 0.0;
        var options = ManyUsersQuery.OptionsFor(keys);
        options.Properties = ResponseObserver.PropertiesFor(positions);
        using var pages = users.GetItemQueryStreamIterator(_manyQuery.For(keys), null, options);
        while (pages.HasMoreResults)
        {
            using var page = await CosmosCall.RunAsync(pages.ReadNextAsync, cancellationToken);
            if (page.StatusCode != HttpStatusCode.OK)
                throw CosmosCall.Explain(page);

            charge += page.Headers.RequestCharge;
            foreach (var (key, user) in UsersIn(page, positions.Date))
                found[key] = user;
        }

        return new StoreReadMany(keys, found, charge) { Positions = positions.All };
    }

    private async Task<StoreFind> FindAsync(
        Container users, ReadPositions positions, AlternateKey key, int limit, CancellationToken cancellationToken)
    {
        var options = new QueryRequestOptions
        {
            MaxItemCount = limit,
            MaxConcurrency = -1,
            Properties = ResponseObserver.PropertiesFor(positions),
        };
        using var pages = users.GetItemQueryStreamIterator(_query.For(key), null, options);
        var found = new List<UserKey>();
        var rows = 0;
        var charge = 0.0;
        while (pages.HasMoreResults && found.Count < limit)
        {
            using var page = await CosmosCall.RunAsync(pages.ReadNextAsync, cancellationToken);
            if (page.StatusCode != HttpStatusCode.OK)
                throw CosmosCall.Explain(page);

            charge += page.Headers.RequestCharge;
            foreach (var row in Documents(ResponseContent.GetBytes(page)))
            {
                // A user without a valid key cannot be looked up either, and does not take the place of another one.
                rows++;
                if (found.Count < limit && AlternateKeyQuery.TryRead(row.Span, out var user))
                    found.Add(user);
            }
        }

        return new StoreFind(found, charge, IsTruncated: found.Count < limit && rows == AlternateKeyQuery.MaxRows) { Positions = positions.All };
    }

    private async Task<StoreRead> ReadByQueryAsync(Container users, long log, UserKey key, string? session, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.id = @id").WithParameter("@id", key.Id);
        var options = new QueryRequestOptions { PartitionKey = new PartitionKey(key.PartitionKey), MaxItemCount = 1, SessionToken = session };
        using var pages = users.GetItemQueryStreamIterator(query, null, options);
        var charge = 0.0;
        LogPosition position = default;
        var isFirst = true;
        while (pages.HasMoreResults)
        {
            using var page = await CosmosCall.RunAsync(pages.ReadNextAsync, cancellationToken);
            if (page.StatusCode != HttpStatusCode.OK)
                throw CosmosCall.Explain(page);

            charge += page.Headers.RequestCharge;

            // Pages of different states have no common position.
            var at = _partitions.PositionOf(page, log);
            position = isFirst || position == at ? at : default;
            isFirst = false;
            if (Documents(ResponseContent.GetBytes(page)) is [var item, ..])
                return new StoreRead(StoreReadStatus.Found, Parse(item, 0, CosmosCall.DateOf(page), isAlone: false).User, position.Lsn, charge) { Partition = position.Partition };
        }

        return new StoreRead(StoreReadStatus.NotFound, null, position.Lsn, charge) { Partition = position.Partition };
    }

    private static async Task CheckContainerAsync(Container users, CancellationToken cancellationToken)
    {
        using var response = await CosmosCall.RunAsync(token => users.ReadContainerStreamAsync(null, token), cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw CosmosCall.Explain(response);
    }

    private Dictionary<UserKey, UserDocument> UsersIn(ResponseMessage response, DateTimeOffset? date)
    {
        var users = new Dictionary<UserKey, UserDocument>();
        foreach (var item in Documents(ResponseContent.GetBytes(response)))
        {
            var (id, partitionKey, user) = Parse(item, 0, date, isAlone: false);
            if (UserKey.TryCreate(id, shape.IsPartitionedById ? null : partitionKey, out var key, out _))
                users[key] = user;
        }

        return users;
    }

    /// <summary>Parses an item.</summary>
    /// <param name="item">The item as returned by Cosmos DB.</param>
    /// <param name="lsn">The LSN at which it was written, or 0 if it is not known.</param>
    /// <param name="date">The time of the response by Cosmos DB's clock, if it contained one; if there were several, of the last.</param>
    /// <param name="isAlone">A value that indicates whether the item is the whole result of one response.</param>
    private (string Id, string? PartitionKey, UserDocument User) Parse(ReadOnlyMemory<byte> item, long lsn, DateTimeOffset? date, bool isAlone)
    {
        var expiry = isAlone && date is not null ? connection.Expiry : connection.Expiry.WithoutConclusion;
        try
        {
            return _reader.Read(item, lsn, expiry, connection.TimeOf(date));
        }
        catch (JsonException e)
        {
            throw new UserStoreException(UserStoreFailure.Unavailable, "Cosmos DB returned an item that cannot be parsed.", e);
        }
    }

    private static IReadOnlyList<ReadOnlyMemory<byte>> Documents(ReadOnlyMemory<byte> page)
    {
        try
        {
            return FeedBody.Documents(page);
        }
        catch (JsonException e)
        {
            throw new UserStoreException(UserStoreFailure.Unavailable, "Cosmos DB returned a page that cannot be parsed.", e);
        }
    }
}
