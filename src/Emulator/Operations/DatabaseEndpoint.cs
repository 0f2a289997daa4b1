using System.Net;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>The endpoint of databases: <c>/dbs</c> and <c>/dbs/{database}</c>.</summary>
internal sealed class DatabaseEndpoint(Account account)
{
    public Task HandleAsync(Exchange exchange)
    {
        return exchange.Path.IsFeed ? HandleFeedAsync(exchange) : HandleOneAsync(exchange, account.Find(exchange.Path[1]));
    }

    private Task HandleFeedAsync(Exchange exchange) => exchange.Method switch
    {
        "GET" => ListAsync(exchange),
        "POST" => CreateAsync(exchange),
        var method => throw CosmosErrorException.MethodNotAllowed(method, "GET, POST"),
    };

    private Task HandleOneAsync(Exchange exchange, Database database)
    {
        switch (exchange.Method)
        {
            case "GET":
                return exchange.RespondAsync(HttpStatusCode.OK, database.Describe());
            case "DELETE":
                account.Remove(database);
                return exchange.RespondAsync(HttpStatusCode.NoContent);
            default:
                throw CosmosErrorException.MethodNotAllowed(exchange.Method, "GET, DELETE");
        }
    }

    private Task ListAsync(Exchange exchange)
    {
        var feed = new FeedBody("", "Databases");
        foreach (var database in account.Databases) feed.Add(database.Describe());
        return FeedResponse.SendAsync(exchange, feed);
    }

    private async Task CreateAsync(Exchange exchange)
    {
        using var body = await RequestBody.ReadObjectAsync(exchange);
        var database = account.Create(IncomingDocument.ReadId(body.RootElement));
        await exchange.RespondAsync(HttpStatusCode.Created, database.Describe());
    }
}
