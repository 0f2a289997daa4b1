using System.Buffers;
using System.Text.Json;

namespace Lookup.Emulator.Queries;

/// <summary>
/// The plan that the SDK requests before it sends a query to several ranges: instructions for merging their results, and a rewritten query
/// with results that can be merged.
/// </summary>
internal static class QueryPlan
{
    // The SDK replaces this placeholder with "true" or, when it resumes, with a condition that continues after the last result.
    private const string Filter = "{documentdb-formattableorderbyquery-filter}";

    public static byte[] Describe(SqlQuery query)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("partitionedQueryExecutionInfoVersion", 2);
            WriteInfo(writer, query);
            writer.WriteStartArray("queryRanges");
            writer.WriteStartObject();
            writer.WriteString("min", "");
            writer.WriteString("max", "FF");
            writer.WriteBoolean("isMinInclusive", true);
            writer.WriteBoolean("isMaxInclusive", false);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Returns the query without the placeholder, in case the SDK sends it unchanged.</summary>
    public static string WithoutFilter(string query) => query.Replace(Filter, "true", StringComparison.Ordinal);

    private static void WriteInfo(Utf8JsonWriter writer, SqlQuery query)
    {
        writer.WriteStartObject("queryInfo");
        writer.WriteString("distinctType", !query.IsDistinct ? "None" : query.OrderBy.Count > 0 ? "Ordered" : "Unordered");
        WriteCount(writer, "top", query.Top);
        WriteCount(writer, "offset", query.Offset);
        WriteCount(writer, "limit", query.Limit);
        WriteTexts(writer, "orderBy", query.OrderBy.Select(order => order.IsDescending ? "Descending" : "Ascending"));
        WriteTexts(writer, "orderByExpressions", query.OrderBy.Select(order => order.Text));
        WriteTexts(writer, "groupByExpressions", []);
        WriteTexts(writer, "groupByAliases", query.HasAggregate && !query.IsValue ? query.Columns.Select(column => column.Name) : []);
        WriteTexts(writer, "aggregates", query.HasAggregate && query.IsValue ? query.Columns.Select(column => NameOf(column.Aggregate!)) : []);
        writer.WriteStartObject("groupByAliasToAggregateType");
        if (query.HasAggregate && !query.IsValue)
        {
            foreach (var column in query.Columns) writer.WriteString(column.Name, NameOf(AggregateOf(column)));
        }

        writer.WriteEndObject();
        writer.WriteString("rewrittenQuery", Rewrite(query));
        writer.WriteBoolean("hasSelectValue", query.IsValue);
        writer.WriteBoolean("hasNonStreamingOrderBy", false);
        writer.WriteEndObject();
    }

    private static string Rewrite(SqlQuery query)
    {
        if (query.HasAggregate) return RewriteAggregate(query);
        if (query.OrderBy.Count > 0) return RewriteOrdered(query);
        // Each range skips nothing and returns OFFSET + LIMIT items, because all of the skipped items can be in one range.
        if (query is { Offset: { } offset, Limit: { } limit })
            return $"SELECT {Selected(query)} {query.Clauses.From}{WhereOf(query)} OFFSET 0 LIMIT {(long)offset + limit}";
        return "";
    }

    private static string RewriteOrdered(SqlQuery query)
    {
        var keys = string.Join(", ", query.OrderBy.Select(order => $"{{\"item\": {order.Text}}}"));
        var payload = query.IsStar ? query.Alias : query.IsValue ? query.Columns[0].Text
            : "{" + string.Join(", ", query.Columns.Select(column => $"\"{column.Name}\": {column.Text}")) + "}";
        var where = query.Clauses.Where.Length == 0 ? "true" : query.Clauses.Where;
        return $"SELECT {query.Alias}._rid, [{keys}] AS orderByItems, {payload} AS payload {query.Clauses.From} "
            + $"WHERE ({where}) AND ({Filter}) {query.Clauses.OrderBy}";
    }

    private static string RewriteAggregate(SqlQuery query)
    {
        if (query.IsValue) return $"SELECT VALUE [{PartialAggregate(query.Columns[0].Aggregate!)}] {query.Clauses.From}{WhereOf(query)}";
        var members = query.Columns.Select(column => $"\"{column.Name}\": {PartialAggregate(AggregateOf(column))}");
        return $"SELECT {{{string.Join(", ", members)}}} AS payload {query.Clauses.From}{WhereOf(query)}";
    }

    // An average is sent as a sum and a count, because an average of averages would be wrong. MIN and MAX are sent with a count, from which
    // the SDK detects a range without values.
    private static string PartialAggregate(SqlAggregateCall call)
    {
        var (function, argument) = (call.Function, call.Argument);
        return function switch
        {
            "AVG" => $"{{\"item\": {{\"sum\": SUM({argument}), \"count\": COUNT({argument})}}}}",
            "MIN" or "MAX" => $"{{\"item\": {function}({argument}), "
                + $"\"item2\": {{\"{function.ToLowerInvariant()}\": {function}({argument}), \"count\": COUNT({argument})}}}}",
            _ => $"{{\"item\": {function}({argument})}}",
        };
    }

    private static string WhereOf(SqlQuery query) => query.Clauses.Where.Length == 0 ? "" : $" WHERE {query.Clauses.Where}";

    private static string Selected(SqlQuery query)
    {
        var distinct = query.IsDistinct ? "DISTINCT " : "";
        if (query.IsStar) return distinct + "*";
        if (query.IsValue) return $"{distinct}VALUE {query.Columns[0].Text}";
        return distinct + string.Join(", ", query.Columns.Select(column => $"{column.Text} AS {column.Name}"));
    }

    private static SqlAggregateCall AggregateOf(SqlColumn column) =>
        column.Aggregate ?? throw SqlError.Unsupported("an aggregate together with a column that is not an aggregate, which requires GROUP BY");

    private static string NameOf(SqlAggregateCall call) => call.Function switch
    {
        "COUNT" => "Count",
        "SUM" => "Sum",
        "MIN" => "Min",
        "MAX" => "Max",
        _ => "Average",
    };

    private static void WriteCount(Utf8JsonWriter writer, string name, int? count)
    {
        if (count is { } known) writer.WriteNumber(name, known);
        else writer.WriteNull(name);
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
