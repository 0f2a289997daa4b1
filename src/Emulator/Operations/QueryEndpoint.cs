using System.Globalization;
using System.Net;
using System.Text.Json;
using Lookup.Emulator.Queries;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary><c>POST …/docs</c> with a query, and the plan that the SDK asks for first; <c>GET …/docs</c> lists everything.</summary>
internal static class QueryEndpoint
{
    private const int DefaultLimit = 1000;

    // Continuations: after the document with this number, or after so many results where those are not one for each document.
    private const string AfterDocument = "document:";
    private const string AfterResults = "results:";

    private static readonly SqlQuery Everything = SqlParser.Parse("SELECT * FROM c");

    public static async Task AnswerPlanAsync(Exchange exchange)
    {
        using var body = await RequestBody.ReadObjectAsync(exchange);
        var query = SqlParser.Parse(TextOf(body.RootElement));
        await exchange.AnswerAsync(HttpStatusCode.OK, QueryPlan.Describe(query));
    }

    public static async Task AnswerAsync(Exchange exchange, Container container)
    {
        using var body = await RequestBody.ReadObjectAsync(exchange);
        var query = SqlParser.Parse(QueryPlan.WithoutFilter(TextOf(body.RootElement)));
        await AnswerAsync(exchange, container, query, SqlParameters.Read(body.RootElement));
    }

    public static Task AnswerAllAsync(Exchange exchange, Container container) =>
        AnswerAsync(exchange, container, Everything, SqlParameters.None);

    private static Task AnswerAsync(Exchange exchange, Container container, SqlQuery query, SqlParameters parameters)
    {
        var scope = FeedScope.Read(exchange, container);
        if (scope.Range is { } range)
        {
            container.Documents.Expire(range);
            var position = range.Position;
            SessionFloor.Check(exchange, range, position);
            exchange.SetPosition(position);
        }

        var byDocument = QueryExecutor.GoesDocumentByDocument(query);
        var done = ReadContinuation(exchange, byDocument ? AfterDocument : AfterResults);
        var documents = container.Documents.Scan(document => scope.Contains(document) && !(byDocument && document.Sequence <= done));
        var results = QueryExecutor.Run(query, parameters, documents);
        if (!byDocument) results = results.Skip((int)Math.Min(done, int.MaxValue));

        var limit = ItemLimit.Of(exchange, DefaultLimit);
        var feed = new FeedBody(container.ResourceId, "Documents");
        Document? last = null;
        foreach (var (source, json) in results)
        {
            if (feed.Count == limit)
            {
                var next = byDocument ? AfterDocument + Text(last!.Sequence) : AfterResults + Text(done + (ulong)limit);
                exchange.SetHeader(HeaderNames.Continuation, next);
                break;
            }

            feed.Add(json);
            last = source;
        }

        exchange.Charge = RequestCharges.Query(feed.Count, feed.Length);
        return FeedAnswer.SendAsync(exchange, feed);
    }

    private static string TextOf(JsonElement body) =>
        Json.TextOf(body, "query") ?? throw CosmosErrorException.BadRequest("A query takes the text of the query in 'query'.");

    private static ulong ReadContinuation(Exchange exchange, string prefix)
    {
        if (exchange.Header(HeaderNames.Continuation) is not { } text) return 0;
        if (text.StartsWith(prefix, StringComparison.Ordinal)
            && ulong.TryParse(text.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var done))
        {
            return done;
        }

        throw CosmosErrorException.BadRequest($"The continuation '{text}' is not one that this query was answered with.");
    }

    private static string Text(ulong number) => number.ToString(CultureInfo.InvariantCulture);
}
