using System.Globalization;
using System.Net;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>The endpoint of containers: <c>/dbs/{database}/colls</c> and <c>/dbs/{database}/colls/{container}</c>.</summary>
internal sealed class ContainerEndpoint(CosmosEmulatorOptions options, TimeToLiveDelay timeToLiveDelay)
{
    // As in Cosmos DB, a physical partition serves at most 10,000 RU/s.
    private const int ThroughputOfOneRange = 10_000;

    public Task HandleAsync(Exchange exchange, Database database)
    {
        return exchange.Path.IsFeed ? HandleFeedAsync(exchange, database) : HandleOneAsync(exchange, database);
    }

    private Task HandleFeedAsync(Exchange exchange, Database database) => exchange.Method switch
    {
        "GET" => ListAsync(exchange, database),
        "POST" => CreateAsync(exchange, database),
        var method => throw CosmosErrorException.MethodNotAllowed(method, "GET, POST"),
    };

    private static async Task HandleOneAsync(Exchange exchange, Database database)
    {
        var container = database.Find(exchange.Path[3]);
        exchange.SetHeader(HeaderNames.AltContentPath, $"dbs/{database.Id}");
        switch (exchange.Method)
        {
            case "GET":
                await DescribeAsync(exchange, container, HttpStatusCode.OK);
                return;
            case "PUT":
                using (var body = await RequestBody.ReadObjectAsync(exchange)) container.Replace(body.RootElement);
                await DescribeAsync(exchange, container, HttpStatusCode.OK);
                return;
            case "DELETE":
                database.Remove(container);
                await exchange.RespondAsync(HttpStatusCode.NoContent);
                return;
            default:
                throw CosmosErrorException.MethodNotAllowed(exchange.Method, "GET, PUT, DELETE");
        }
    }

    private static Task DescribeAsync(Exchange exchange, Container container, HttpStatusCode status)
    {
        exchange.SetETag(container.Properties.ETag);
        return exchange.RespondAsync(status, container.Properties.Json);
    }

    private static Task ListAsync(Exchange exchange, Database database)
    {
        var feed = new FeedBody(database.ResourceId, "DocumentCollections");
        foreach (var container in database.Containers) feed.Add(container.Properties.Json);
        return FeedResponse.SendAsync(exchange, feed);
    }

    private async Task CreateAsync(Exchange exchange, Database database)
    {
        using var body = await RequestBody.ReadObjectAsync(exchange);
        var throughput = ReadThroughput(exchange);
        var clock = options.TimeProvider;
        var container = database.Create(resourceId => new Container(
            ContainerProperties.Read(body.RootElement, database.ResourceId, resourceId, clock.GetUtcNow()),
            RangesFor(throughput),
            options.EnforceThroughput ? new ThroughputBudget(throughput ?? options.DefaultThroughput, clock) : null,
            clock,
            timeToLiveDelay));
        await DescribeAsync(exchange, container, HttpStatusCode.Created);
    }

    private int RangesFor(int? throughput)
    {
        var needed = throughput is { } requestUnits ? (requestUnits + ThroughputOfOneRange - 1) / ThroughputOfOneRange : 1;
        return Math.Clamp(Math.Max(options.Ranges, needed), 1, CosmosEmulatorOptions.MaxRanges);
    }

    private static int? ReadThroughput(Exchange exchange)
    {
        if (exchange.Header(HeaderNames.OfferThroughput) is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var throughput) && throughput > 0) return throughput;
        throw CosmosErrorException.BadRequest(
            $"The header {HeaderNames.OfferThroughput} is '{text}'; it must be a number of request units per second, such as 400.");
    }
}
