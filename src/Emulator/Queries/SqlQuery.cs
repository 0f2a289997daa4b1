namespace Lookup.Emulator.Queries;

/// <summary>A query, parsed.</summary>
internal sealed class SqlQuery
{
    /// <summary>The query as it came, from which the plan cuts its rewritten form.</summary>
    public required string Source { get; init; }

    /// <summary>The name that FROM gives the documents.</summary>
    public required string Alias { get; init; }

    public required IReadOnlyList<SqlColumn> Columns { get; init; }

    /// <summary><c>SELECT *</c>; there are no columns then.</summary>
    public bool IsStar { get; init; }

    /// <summary><c>SELECT VALUE</c>: one column, whose value is the whole item.</summary>
    public bool IsValue { get; init; }

    public bool IsDistinct { get; init; }

    public int? Top { get; init; }

    public int? Offset { get; init; }

    public int? Limit { get; init; }

    public SqlExpression? Where { get; init; }

    public required IReadOnlyList<SqlOrder> OrderBy { get; init; }

    /// <summary>The clauses by their place in <see cref="Source"/>.</summary>
    public required SqlClauses Clauses { get; init; }

    public bool HasAggregate => Columns.Any(column => column.Aggregate is not null);

    /// <summary>Also where aggregates are within a column, as in the SDK's <c>SELECT VALUE [{"item": COUNT(1)}]</c>.</summary>
    public required bool SelectsAggregates { get; init; }
}

/// <param name="Name">The property that it becomes; empty for <c>SELECT VALUE</c>.</param>
/// <param name="Text">Its text in the query.</param>
/// <param name="Aggregate">The aggregate that the column consists of; null where it has none.</param>
internal sealed record SqlColumn(string Name, string Text, SqlExpression Expression, SqlAggregateCall? Aggregate);

/// <param name="Function">COUNT, SUM, MIN, MAX or AVG.</param>
/// <param name="Argument">The text of its argument.</param>
internal sealed record SqlAggregateCall(string Function, string Argument);

/// <param name="Text">Its text in the query.</param>
internal sealed record SqlOrder(SqlExpression Expression, string Text, bool IsDescending);

/// <param name="From"><c>FROM c</c>, or empty.</param>
/// <param name="Where">The condition without the word WHERE, or empty.</param>
/// <param name="OrderBy"><c>ORDER BY …</c>, or empty.</param>
internal sealed record SqlClauses(string From, string Where, string OrderBy);
