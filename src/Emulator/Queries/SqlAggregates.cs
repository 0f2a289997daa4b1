namespace Lookup.Emulator.Queries;

/// <summary>The aggregates COUNT, SUM, MIN, MAX and AVG over the documents that match WHERE. Undefined values are ignored.</summary>
internal static class SqlAggregates
{
    public static readonly IReadOnlySet<string> Names = new HashSet<string> { "COUNT", "SUM", "MIN", "MAX", "AVG" };

    public static SqlExpression Make(string function, SqlExpression argument) => row =>
    {
        var group = row.Group ?? throw SqlError.Syntax("an aggregate is allowed in SELECT only.");
        var values = group
            .Select(document => argument(new SqlRow(SqlValue.From(document), row.Parameters)))
            .Where(value => !value.IsUndefined)
            .ToList();
        return function switch
        {
            "COUNT" => SqlValue.From(values.Count),
            "SUM" => Sum(values),
            "AVG" => values.Count > 0 && Sum(values).Number is { } sum ? SqlValue.From(sum / values.Count) : SqlValue.Undefined,
            "MIN" => Extreme(values, -1),
            _ => Extreme(values, 1),
        };
    };

    private static SqlValue Sum(List<SqlValue> values) =>
        values.All(value => value.Number is not null) ? SqlValue.From(values.Sum(value => value.Number!.Value)) : SqlValue.Undefined;

    private static SqlValue Extreme(List<SqlValue> values, int sign)
    {
        if (values.Count == 0) return SqlValue.Undefined;
        return values.Aggregate((best, value) => SqlValue.CompareForSort(value, best) * sign > 0 ? value : best);
    }
}
