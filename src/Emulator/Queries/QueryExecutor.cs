using System.Text;
using Lookup.Emulator.Storage;

namespace Lookup.Emulator.Queries;

/// <summary>The executor of a query over documents in the order of their creation, one page at a time.</summary>
internal sealed class QueryExecutor(SqlQuery query, SqlParameters parameters, QueryContinuation? continuation)
{
    private readonly SqlProjection _projection = new(query);

    public static bool Matches(SqlQuery query, Document document) =>
        new QueryExecutor(query, SqlParameters.None, null).IsMatch(document);

    /// <summary>Returns up to <paramref name="limit"/> results, and a continuation if there are more.</summary>
    public (List<byte[]> Results, QueryContinuation? Next) Run(IEnumerable<Document> documents, int limit)
    {
        if (query.SelectsAggregates) return (Aggregate(documents), null);
        var page = new List<byte[]>();
        var taken = continuation?.Taken ?? 0;
        var left = Math.Min(query.Top ?? int.MaxValue, query.Limit ?? int.MaxValue) - taken;
        Row? last = null;
        foreach (var (row, json) in Results(documents).Take(Math.Max(0, left)))
        {
            if (page.Count == limit) return (page, new QueryContinuation(last!.Value.Keys, last.Value.Document.Sequence, taken + limit));
            page.Add(json);
            last = row;
        }

        return (page, null);
    }

    private IEnumerable<(Row Row, byte[] Json)> Results(IEnumerable<Document> documents)
    {
        var rows = documents.Where(IsMatch).Select(document => new Row(document, KeysOf(document)));
        if (query.OrderBy.Count > 0) rows = Sort(rows);
        // For DISTINCT, the rows before this page are evaluated again, so that their values are not repeated.
        if (continuation is not null && !query.IsDistinct) rows = rows.Where(IsAfterContinuation);
        var results = rows.Select(row => (Row: row, Json: Project(row.Document)!)).Where(result => result.Json is not null);
        if (query.IsDistinct)
        {
            results = results.DistinctBy(result => Encoding.UTF8.GetString(result.Json));
            if (continuation is not null) results = results.Where(result => IsAfterContinuation(result.Row));
        }

        return continuation is null && query.Offset is { } offset ? results.Skip(offset) : results;
    }

    private List<byte[]> Aggregate(IEnumerable<Document> documents)
    {
        var group = documents.Where(IsMatch).Select(document => document.Root).ToList();
        var json = _projection.Write(new SqlRow(SqlValue.Undefined, parameters, group));
        return json is null ? [] : [json];
    }

    private byte[]? Project(Document document) => query.IsStar ? document.Listed() : _projection.Write(RowOf(document));

    private bool IsMatch(Document document) => query.Where is null || query.Where(RowOf(document)).IsTrue;

    private bool IsAfterContinuation(Row row) => continuation!.IsBefore(row.Document, row.Keys, query.OrderBy);

    private SqlValue[] KeysOf(Document document) => query.OrderBy.Count == 0 ? [] : [.. query.OrderBy.Select(order => order.Expression(RowOf(document)))];

    private SqlRow RowOf(Document document) => new(SqlValue.From(document.Root), parameters);

    private List<Row> Sort(IEnumerable<Row> rows)
    {
        var sorted = rows.ToList();
        sorted.Sort((left, right) =>
            QueryContinuation.Compare(left.Keys, left.Document.Sequence, right.Keys, right.Document.Sequence, query.OrderBy));
        return sorted;
    }

    private readonly record struct Row(Document Document, SqlValue[] Keys);
}
