using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>The classifier of requests, by method, path and headers.</summary>
internal static class OperationClassifier
{
    private const string QueryContentType = "application/query+json";

    public static OperationKind Classify(Exchange exchange) => exchange.Path switch
    {
        { Count: 0 } => OperationKind.Account,
        { Kind: "docs", IsFeed: false } => ClassifyDocument(exchange.Method),
        { Kind: "docs" } => ClassifyFeed(exchange),
        { Kind: "pkranges" } => OperationKind.Ranges,
        { Kind: "colls" } => OperationKind.Container,
        { Kind: "dbs" } => OperationKind.Database,
        _ => OperationKind.Other,
    };

    private static OperationKind ClassifyDocument(string method) => method switch
    {
        "GET" => OperationKind.PointRead,
        "PUT" => OperationKind.Replace,
        "PATCH" => OperationKind.Patch,
        "DELETE" => OperationKind.Delete,
        _ => OperationKind.Other,
    };

    private static OperationKind ClassifyFeed(Exchange exchange)
    {
        if (HttpMethods.IsGet(exchange.Method))
            return exchange.Header(HeaderNames.AcceptedManipulations) is null ? OperationKind.ReadFeed : OperationKind.FeedPoll;
        if (!HttpMethods.IsPost(exchange.Method) || exchange.Header(HeaderNames.IsBatch) is not null) return OperationKind.Other;
        if (exchange.HasFlag(HeaderNames.IsQueryPlan)) return OperationKind.QueryPlan;
        if (exchange.HasFlag(HeaderNames.IsQuery) || IsQueryBody(exchange)) return OperationKind.Query;
        return exchange.HasFlag(HeaderNames.IsUpsert) ? OperationKind.Upsert : OperationKind.Create;
    }

    private static bool IsQueryBody(Exchange exchange) =>
        exchange.Http.Request.ContentType?.StartsWith(QueryContentType, StringComparison.OrdinalIgnoreCase) == true;
}
