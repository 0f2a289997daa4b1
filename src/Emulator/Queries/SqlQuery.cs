namespace Lookup.Emulator.Queries;

/// <summary>A parsed query.</summary>
internal sealed class SqlQuery
{
    /// <summary>Gets the text of the query.</summary>
    public required string Source { get; init; }

    /// <summary>Gets the alias of the documents in FROM.</summary>
    public required string Alias { get; init; }

    public required IReadOnlyList<SqlColumn> Columns { get; init; }

    /// <summary>Gets a value that indicates whether the query is <c>SELECT *</c>, which has no columns.</summary>
    public bool IsStar { get; init; }

    /// <summary>Gets a value that indicates whether the query is <c>SELECT VALUE</c>: the value of its one column is the result.</summary>
    public bool IsValue { get; init; }

    public bool IsDistinct { get; init; }

    public int? Top { get; init; }

    public int? Offset { get; init; }

    public int? Limit { get; init; }

    public SqlExpression? Where { get; init; }

    public required IReadOnlyList<SqlOrder> OrderBy { get; init; }

    /// <summary>Gets the text of the clauses, as in <see cref="Source"/>.</summary>
    public required SqlClauses Clauses { get; init; }

    public bool HasAggregate => Columns.Any(column => column.Aggregate is not null);

    /// <summary>
    /// Gets a value that indicates whether columns contain aggregates, as in the SDK's <c>SELECT VALUE [{"item": COUNT(1)}]</c>.
    /// </summary>
    public required bool SelectsAggregates { get; init; }
}

/// <summary>A column of SELECT.</summary>
/// <param name="Name">The name of the property in the result; empty for <c>SELECT VALUE</c>.</param>
/// <param name="Text">The text of the column in the query.</param>
/// <param name="Aggregate">The aggregate that the column consists of, or <see langword="null"/> if it is not an aggregate.</param>
internal sealed record SqlColumn(string Name, string Text, SqlExpression Expression, SqlAggregateCall? Aggregate);

/// <summary>A call of an aggregate.</summary>
/// <param name="Function">COUNT, SUM, MIN, MAX or AVG.</param>
/// <param name="Argument">The text of the argument.</param>
internal sealed record SqlAggregateCall(string Function, string Argument);

/// <summary>A sort key of ORDER BY.</summary>
/// <param name="Text">The text of the expression in the query.</param>
internal sealed record SqlOrder(SqlExpression Expression, string Text, bool IsDescending);

/// <summary>The text of the clauses of a query.</summary>
/// <param name="From"><c>FROM c</c>, or empty.</param>
/// <param name="Where">The condition without the word WHERE, or empty.</param>
/// <param name="OrderBy"><c>ORDER BY …</c>, or empty.</param>
internal sealed record SqlClauses(string From, string Where, string OrderBy);
