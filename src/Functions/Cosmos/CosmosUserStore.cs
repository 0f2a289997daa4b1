using System.Net;
using System.Text.Json;
using Lookup.Domain.Users;
using Microsoft.Azure.Cosmos;

namespace Lookup.Functions.Cosmos;

/// <summary>Reads users from a Cosmos DB container.</summary>
internal sealed class CosmosUserStore(CosmosConnection connection, DocumentShape shape) : IUserStore
{
    private readonly Container _users = connection.Users;
    private readonly UserDocumentReader _reader = new(shape);
    private readonly AlternateKeyQuery _query = new(shape);

    public async ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        var options = ifNoneMatch is null ? null : new ItemRequestOptions { IfNoneMatchEtag = ifNoneMatch };
        using var response = await CosmosCall.RunAsync(
            token => _users.ReadItemStreamAsync(key.Id, new PartitionKey(key.PartitionKey), options, token), cancellationToken);
        var lsn = CosmosCall.NumberIn(response, "lsn");
        var charge = response.Headers.RequestCharge;
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                var user = Parse(ResponseContent.Of(response), CosmosCall.NumberIn(response, "x-ms-item-lsn")).User;
                return new StoreRead(StoreReadStatus.Found, user, lsn, charge);

            case HttpStatusCode.NotModified when ifNoneMatch is not null:
                return new StoreRead(StoreReadStatus.NotModified, null, lsn, charge);

            case HttpStatusCode.NotFound when CosmosCall.SubStatusOf(response) == 0:
                // A replica that looked for the item says which session it was in. Without that it may be the container that is missing.
                if (response.Headers.Session is null)
                    await CheckContainerAsync(cancellationToken);
                return new StoreRead(StoreReadStatus.NotFound, null, lsn, charge);

            default:
                throw CosmosCall.Explain(response);
        }
    }

    public async ValueTask<StoreReadMany> ReadManyAsync(IReadOnlyList<UserKey> keys, CancellationToken cancellationToken)
    {
        var items = keys.Select(key => (key.Id, new PartitionKey(key.PartitionKey))).ToList();
        using var response = await CosmosCall.RunAsync(token => _users.ReadManyItemsStreamAsync(items, null, token), cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
            throw CosmosCall.Explain(response);

        var found = new Dictionary<UserKey, UserDocument>(keys.Count);
        foreach (var item in Documents(ResponseContent.Of(response)))
        {
            var (id, partitionKey, user) = Parse(item, 0);
            if (UserKey.TryCreate(id, shape.IsPartitionedById ? null : partitionKey, out var key, out _))
                found[key] = user;
        }

        return new StoreReadMany(found, response.Headers.RequestCharge);
    }

    public async ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken)
    {
        var options = new QueryRequestOptions { MaxItemCount = limit, MaxConcurrency = -1 };
        using var pages = _users.GetItemQueryStreamIterator(_query.For(key, limit), null, options);
        var found = new List<UserKey>();
        var charge = 0.0;
        while (pages.HasMoreResults && found.Count < limit)
        {
            using var page = await CosmosCall.RunAsync(pages.ReadNextAsync, cancellationToken);
            if (page.StatusCode != HttpStatusCode.OK)
                throw CosmosCall.Explain(page);

            charge += page.Headers.RequestCharge;
            foreach (var row in Documents(ResponseContent.Of(page)))
            {
                // Who cannot be named cannot be looked up either.
                if (AlternateKeyQuery.TryRead(row.Span, out var user))
                    found.Add(user);
            }
        }

        return new StoreFind(found, charge);
    }

    private async Task CheckContainerAsync(CancellationToken cancellationToken)
    {
        using var response = await CosmosCall.RunAsync(token => _users.ReadContainerStreamAsync(null, token), cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw CosmosCall.Explain(response);
    }

    private (string Id, string? PartitionKey, UserDocument User) Parse(ReadOnlyMemory<byte> item, long lsn)
    {
        try
        {
            return _reader.Read(item, lsn);
        }
        catch (JsonException e)
        {
            throw new UserStoreException(UserStoreFailure.Unavailable, "Cosmos DB answered with an item that cannot be read.", e);
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
            throw new UserStoreException(UserStoreFailure.Unavailable, "Cosmos DB answered with a page that cannot be read.", e);
        }
    }
}
