using System.Net;
using System.Text.Json;
using Lookup.Emulator.Queries;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>The endpoint of queries and their plans (<c>POST …/docs</c>), and of the list of all documents (<c>GET …/docs</c>).</summary>
internal static class QueryEndpoint
{
    private const int DefaultLimit = 1000;

    private static readonly SqlQuery Everything = SqlParser.Parse("SELECT * FROM c");

    public static async Task HandlePlanAsync(Exchange exchange)
    {
        using var body = await RequestBody.ReadObjectAsync(exchange);
        var query = SqlParser.Parse(TextOf(body.RootElement));
        await exchange.RespondAsync(HttpStatusCode.OK, QueryPlan.Describe(query));
    }

    public static async Task HandleAsync(Exchange exchange, Container container)
    {
        using var body = await RequestBody.ReadObjectAsync(exchange);
        var query = SqlParser.Parse(QueryPlan.WithoutFilter(TextOf(body.RootElement)));
        await HandleAsync(exchange, container, query, SqlParameters.Read(body.RootElement));
    }

    public static Task HandleReadFeedAsync(Exchange exchange, Container container) =>
        HandleAsync(exchange, container, Everything, SqlParameters.None);

    private static Task HandleAsync(Exchange exchange, Container container, SqlQuery query, SqlParameters parameters)
    {
        var scope = FeedScope.Read(exchange, container);
        if (scope.Range is { } range)
        {
            container.Documents.Expire(range);
            var position = range.Position;
            SessionFloor.Check(exchange, range, position);
            exchange.SetPosition(position);
        }

        var continuation = exchange.Header(HeaderNames.Continuation) is { } text ? QueryContinuation.Parse(text, query) : null;
        var executor = new QueryExecutor(query, parameters, continuation);
        var (results, next) = executor.Run(container.Documents.Scan(scope.Contains), ItemLimit.Read(exchange, DefaultLimit));
        if (next is not null) exchange.SetHeader(HeaderNames.Continuation, next.ToString());
        var feed = new FeedBody(container.ResourceId, "Documents");
        foreach (var json in results) feed.Add(json);
        exchange.Charge = RequestCharges.Query(feed.Count, feed.Length);
        return FeedResponse.SendAsync(exchange, feed);
    }

    private static string TextOf(JsonElement body) =>
        Json.TextOf(body, "query") ?? throw CosmosErrorException.BadRequest("A query request must have the text of the query in 'query'.");
}
