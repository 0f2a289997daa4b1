using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Lookup.Emulator.Tests.Queries;

public sealed class QueryTests(CosmosEndpoint endpoint) : ContractTests(endpoint)
{
    private const int Users = 12;

    [Theory]
    [InlineData("SELECT * FROM c WHERE c.email = @p", "user5@example.com", "u5")]
    [InlineData("SELECT * FROM c WHERE c.email != @p AND c.id IN ('u5', 'u6')", "user5@example.com", "u6")]
    [InlineData("SELECT * FROM users u WHERE u.email = @p", "user5@example.com", "u5")]
    [InlineData("SELECT * FROM c WHERE c[\"email\"] = @p", "user5@example.com", "u5")]
    [InlineData("SELECT * FROM c WHERE STARTSWITH(c.id, @p)", "u1", "u1 u10 u11")]
    [InlineData("SELECT * FROM c WHERE STARTSWITH(c.name, @p, true)", "uSER 7", "u7")]
    [InlineData("SELECT * FROM c WHERE ENDSWITH(c.id, @p)", "1", "u1 u11")]
    [InlineData("SELECT * FROM c WHERE CONTAINS(c.email, @p)", "r10@", "u10")]
    [InlineData("SELECT * FROM c WHERE LOWER(c.name) = @p", "user 3", "u3")]
    [InlineData("SELECT * FROM c WHERE c.version BETWEEN 3 AND 4 AND c.id != @p", "u9", "u3 u4")]
    [InlineData("SELECT * FROM c WHERE c.version >= 10 OR c.id = @p", "u2", "u10 u11 u2")]
    [InlineData("SELECT * FROM c WHERE NOT (c.version < 11) AND @p = 'x'", "x", "u11")]
    [InlineData("SELECT * FROM c WHERE c.version + 1 = 3 AND @p = 'x'", "x", "u2")]
    [InlineData("SELECT * FROM c WHERE ARRAY_CONTAINS(c.tags, @p)", "even", "u0 u10 u2 u4 u6 u8")]
    [InlineData("SELECT * FROM c WHERE c.tags[0] = @p AND c.version > 8", "odd", "u11 u9")]
    [InlineData("SELECT * FROM c WHERE IS_DEFINED(c.tags) AND c.id = @p", "u3", "u3")]
    [InlineData("SELECT * FROM c WHERE c.nothing = @p", "x", "")]
    [InlineData("SELECT * FROM c WHERE c.nothing != @p", "x", "")]
    [InlineData("SELECT * FROM c WHERE c.version = @p", "1", "")]
    [InlineData("SELECT * FROM c WHERE c.name = @p -- ", "'; DROP", "")]
    [InlineData("SELECT c.id, c.email FROM c WHERE c.id = @p", "u4", "u4")]
    [InlineData("SELECT c.email AS id FROM c WHERE c.id = @p", "u4", "user4@example.com")]
    [InlineData("SELECT VALUE {\"id\": c.id, \"n\": c.version} FROM c WHERE c.id = @p", "u4", "u4")]
    public async Task Query_returns_the_documents_that_match_its_condition(string query, string parameter, string expected)
    {
        if (query.EndsWith("-- ", StringComparison.Ordinal)) query = query[..^3];
        var container = await UsersAsync();

        var found = await AllAsync<JsonElement>(container, new QueryDefinition(query).WithParameter("@p", parameter));

        Assert.Equal(expected, string.Join(' ', found.Select(item => item.GetProperty("id").GetString()).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("SELECT * FROM c ORDER BY c.version", "u0 u1 u2 u3 u4 u5 u6 u7 u8 u9 u10 u11")]
    [InlineData("SELECT * FROM c ORDER BY c.version DESC", "u11 u10 u9 u8 u7 u6 u5 u4 u3 u2 u1 u0")]
    [InlineData("SELECT TOP 2 * FROM c ORDER BY c.version DESC", "u11 u10")]
    [InlineData("SELECT * FROM c ORDER BY c.version OFFSET 3 LIMIT 2", "u3 u4")]
    [InlineData("SELECT * FROM c WHERE c.version > 5 ORDER BY c.email", "u10 u11 u6 u7 u8 u9")]
    [InlineData("SELECT c.id, c.version FROM c WHERE c.version < 3 ORDER BY c.version DESC", "u2 u1 u0")]
    public async Task Query_with_an_order_keeps_it_across_ranges(string query, string expected)
    {
        var container = await UsersAsync();

        var found = await AllAsync<JsonElement>(container, new QueryDefinition(query), new QueryRequestOptions { MaxItemCount = 2 });

        Assert.Equal(expected, string.Join(' ', found.Select(item => item.GetProperty("id").GetString())));
    }

    [Theory]
    [InlineData("SELECT VALUE COUNT(1) FROM c", 12)]
    [InlineData("SELECT VALUE COUNT(1) FROM c WHERE c.version >= 6", 6)]
    [InlineData("SELECT VALUE SUM(c.version) FROM c", 66)]
    [InlineData("SELECT VALUE MIN(c.version) FROM c WHERE c.version > 2", 3)]
    [InlineData("SELECT VALUE MAX(c.version) FROM c", 11)]
    [InlineData("SELECT VALUE AVG(c.version) FROM c", 5.5)]
    public async Task Query_of_an_aggregate_spans_all_ranges(string query, double expected)
    {
        var container = await UsersAsync();

        Assert.Equal([expected], await AllAsync<double>(container, new QueryDefinition(query)));
    }

    [Fact]
    public async Task Query_of_a_named_aggregate_returns_an_object()
    {
        var container = await UsersAsync();

        var found = await AllAsync<JsonElement>(container, new QueryDefinition("SELECT COUNT(1) AS n, MAX(c.version) AS most FROM c"));

        Assert.Equal("""{"n":12,"most":11}""", Assert.Single(found).GetRawText());
    }

    [Theory]
    [InlineData("SELECT DISTINCT VALUE c.tags[0] FROM c", 2)]
    [InlineData("SELECT TOP 5 * FROM c", 5)]
    [InlineData("SELECT * FROM c OFFSET 4 LIMIT 3", 3)]
    [InlineData("SELECT * FROM c OFFSET 10 LIMIT 100", 2)]
    [InlineData("SELECT TOP 0 * FROM c", 0)]
    public async Task Query_with_a_limit_returns_at_most_the_limit(string query, int expected)
    {
        var container = await UsersAsync();

        Assert.Equal(expected, (await AllAsync<JsonElement>(container, new QueryDefinition(query))).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(-1)]
    public async Task Query_in_pages_of_any_size_returns_every_document_once(int pageSize)
    {
        var container = await UsersAsync();

        var found = await AllAsync<UserItem>(
            container, new QueryDefinition("SELECT * FROM c"), new QueryRequestOptions { MaxItemCount = pageSize });

        Assert.Equal(Users, found.Select(user => user.id).Distinct().Count());
        Assert.Equal(Users, found.Count);
    }

    [Fact]
    public async Task Query_continues_from_a_continuation()
    {
        var container = await UsersAsync();
        using var first = container.GetItemQueryIterator<UserItem>("SELECT * FROM c", requestOptions: new QueryRequestOptions { MaxItemCount = 4 });
        var page = await first.ReadNextAsync(Cancellation);

        var rest = await FeedIterators.AllAsync(container.GetItemQueryIterator<UserItem>("SELECT * FROM c", page.ContinuationToken));

        Assert.Equal(Users, page.Concat(rest).Select(user => user.id).Distinct().Count());
        Assert.Equal(Users, page.Count + rest.Count);
    }

    [Theory]
    [InlineData("SELECT * FROM c", 1)]
    [InlineData("SELECT * FROM c WHERE c.id = 'u4'", 0)]
    [InlineData("SELECT TOP 1 * FROM c ORDER BY c.version", 1)]
    [InlineData("SELECT VALUE COUNT(1) FROM c", 1)]
    public async Task Query_within_one_partition_key_sees_no_other(string query, int expected)
    {
        var container = await UsersAsync();

        var found = await AllAsync<JsonElement>(container, new QueryDefinition(query), new QueryRequestOptions { PartitionKey = Key("u5") });

        Assert.Equal(expected, found.Count);
        Assert.DoesNotContain(found, item => item.ValueKind == JsonValueKind.Object && item.GetProperty("id").GetString() != "u5");
    }

    [Fact]
    public async Task Query_within_one_feed_range_returns_its_share()
    {
        var container = await UsersAsync();
        var total = 0;

        foreach (var range in await container.GetFeedRangesAsync(Cancellation))
            total += (await FeedIterators.AllAsync(container.GetItemQueryIterator<UserItem>(range, new QueryDefinition("SELECT * FROM c")))).Count;

        Assert.Equal(Users, total);
    }

    [Theory]
    [InlineData("SELECT")]
    [InlineData("SELECT * FROM c WHERE")]
    [InlineData("SELECT * FROM c WHERE c.id = 'open")]
    [InlineData("SELECT * FROM c WHERE nobody.id = 'u1'")]
    [InlineData("SELECT * FROM c WHERE c.id = @missing")]
    [InlineData("DELETE FROM c")]
    [InlineData("SELECT * FROM c GROUP BY c.id")]
    [InlineData("SELECT * FROM c WHERE NO_SUCH_FUNCTION(c.id)")]
    public async Task Invalid_query_returns_400(string query)
    {
        var container = await UsersAsync();

        var error = await Assert.ThrowsAsync<CosmosException>(() => AllAsync<JsonElement>(container, new QueryDefinition(query)));

        Assert.Equal(HttpStatusCode.BadRequest, error.StatusCode);
    }

    [Fact]
    public async Task Query_nested_too_deeply_returns_400()
    {
        _ = Endpoint.Emulator;
        var container = await UsersAsync();
        var query = "SELECT * FROM c WHERE " + new string('(', 20_000) + "true" + new string(')', 20_000);

        var error = await Assert.ThrowsAsync<CosmosException>(() => AllAsync<JsonElement>(container, new QueryDefinition(query)));

        Assert.Equal(HttpStatusCode.BadRequest, error.StatusCode);
    }

    [Theory]
    [InlineData(new[] { "u1" }, 1)]
    [InlineData(new[] { "u1", "u5", "u9", "nobody" }, 3)]
    [InlineData(new[] { "nobody" }, 0)]
    public async Task ReadMany_returns_the_existing_documents(string[] ids, int expected)
    {
        var container = await UsersAsync();

        var found = await container.ReadManyItemsAsync<UserItem>([.. ids.Select(id => (id, Key(id)))], cancellationToken: Cancellation);

        Assert.Equal(expected, found.Count);
        Assert.All(found, user => Assert.Contains(user.id, ids));
    }

    private static Task<List<T>> AllAsync<T>(Container container, QueryDefinition query, QueryRequestOptions? options = null) =>
        FeedIterators.AllAsync(container.GetItemQueryIterator<T>(query, requestOptions: options));

    private async Task<Container> UsersAsync()
    {
        var container = await Endpoint.NewContainerAsync();
        await Task.WhenAll(Enumerable.Range(0, Users).Select(number =>
            SaveAsync(container, UserItem.Number(number) with { version = number, tags = [number % 2 == 0 ? "even" : "odd"] }).AsTask()));
        return container;
    }
}
