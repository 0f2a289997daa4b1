using System.Buffers;
using System.Text;
using System.Text.Json;
using Lookup.Emulator.Storage;

namespace Lookup.Emulator.Queries;

/// <summary>Runs a query over documents that are given in the order of their creation.</summary>
internal static class QueryExecutor
{
    public static bool Matches(SqlQuery query, Document document) => Matches(query, document, SqlParameters.None);

    /// <summary>Whether each result stands for one document, in document order: then a page can be continued by document.</summary>
    public static bool GoesDocumentByDocument(SqlQuery query) =>
        query is { OrderBy.Count: 0, Top: null, Offset: null, IsDistinct: false, HasAggregate: false } && !SelectsAggregates(query);

    public static IEnumerable<(Document? Source, byte[] Json)> Run(SqlQuery query, SqlParameters parameters, IEnumerable<Document> documents)
    {
        var matching = documents.Where(document => Matches(query, document, parameters));
        if (query.HasAggregate || SelectsAggregates(query))
        {
            var group = matching.Select(document => document.Root).ToList();
            var json = Project(query, new SqlRow(SqlValue.Undefined, parameters, group));
            return json is null ? [] : [(null, json)];
        }

        if (query.OrderBy.Count > 0) matching = Sort(query, parameters, matching);
        var results = matching
            .Select(document => (Source: (Document?)document, Json: Project(query, RowOf(document, parameters))))
            .Where(result => result.Json is not null)
            .Select(result => (result.Source, result.Json!));
        if (query.IsDistinct) results = results.DistinctBy(result => Encoding.UTF8.GetString(result.Item2));
        if (query.Offset is { } offset) results = results.Skip(offset);
        if (query.Limit is { } limit) results = results.Take(limit);
        return query.Top is { } top ? results.Take(top) : results;
    }

    // The SDK asks the ranges for their share of an aggregate in this form: SELECT VALUE [{"item": COUNT(1)}].
    private static bool SelectsAggregates(SqlQuery query) =>
        query.Columns.Any(column => SqlAggregates.Names.Any(name => column.Text.Contains($"{name}(", StringComparison.OrdinalIgnoreCase)));

    private static bool Matches(SqlQuery query, Document document, SqlParameters parameters) =>
        query.Where is null || query.Where(RowOf(document, parameters)).IsTrue;

    private static SqlRow RowOf(Document document, SqlParameters parameters) => new(SqlValue.Of(document.Root), parameters);

    private static IEnumerable<Document> Sort(SqlQuery query, SqlParameters parameters, IEnumerable<Document> documents)
    {
        var keyed = documents
            .Select(document => (Document: document, Keys: query.OrderBy.Select(order => order.Expression(RowOf(document, parameters))).ToArray()))
            .ToList();
        keyed.Sort((left, right) =>
        {
            for (var i = 0; i < query.OrderBy.Count; i++)
            {
                var order = SqlValue.CompareForSort(left.Keys[i], right.Keys[i]);
                if (order != 0) return query.OrderBy[i].IsDescending ? -order : order;
            }

            return left.Document.Sequence.CompareTo(right.Document.Sequence);
        });
        return keyed.Select(entry => entry.Document);
    }

    /// <summary>Null where the result is undefined and so is left out.</summary>
    private static byte[]? Project(SqlQuery query, SqlRow row)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            if (query.IsStar)
            {
                row.Document.WriteTo(writer);
            }
            else if (query.IsValue)
            {
                var value = query.Columns[0].Expression(row);
                if (value.IsUndefined) return null;
                value.WriteTo(writer);
            }
            else
            {
                WriteColumns(query, row, writer);
            }
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteColumns(SqlQuery query, SqlRow row, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var column in query.Columns)
        {
            var value = column.Expression(row);
            if (value.IsUndefined) continue;
            writer.WritePropertyName(column.Name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
