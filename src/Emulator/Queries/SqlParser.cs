using System.Globalization;

namespace Lookup.Emulator.Queries;

/// <summary>
/// The parser of queries: <c>SELECT [DISTINCT] [TOP n] * | VALUE expression | columns FROM c [WHERE …] [ORDER BY …] [OFFSET n LIMIT m]</c>.
/// JOIN, GROUP BY, and IN in FROM are rejected with a message that names them.
/// </summary>
internal sealed class SqlParser
{
    private static readonly string[] ClauseWords = ["WHERE", "ORDER", "OFFSET", "JOIN", "GROUP", "IN"];

    private readonly SqlTokens _tokens;
    private readonly SqlExpressionParser _expressions;

    private SqlParser(string query)
    {
        _tokens = new SqlTokens(query, SqlLexer.Read(query));
        _expressions = new SqlExpressionParser(_tokens);
    }

    public static SqlQuery Parse(string query) => new SqlParser(query).ParseQuery();

    private SqlQuery ParseQuery()
    {
        if (!_tokens.TakeWord("SELECT")) throw SqlError.Syntax("a query must start with SELECT.");
        var isDistinct = _tokens.TakeWord("DISTINCT");
        int? top = _tokens.TakeWord("TOP") ? Count("TOP") : null;

        // FROM defines the alias and comes after the columns that use it, so it is parsed first.
        var start = _tokens.Position;
        _expressions.Alias = FindAlias();
        _tokens.Position = start;

        var isValue = _tokens.TakeWord("VALUE");
        var isStar = !isValue && _tokens.TakeSymbol("*");
        var columns = isStar ? [] : isValue ? [ValueColumn()] : Columns();
        var selectsAggregates = _expressions.HasSeenAggregate;
        var from = From();
        foreach (var clause in (string[])["JOIN", "GROUP", "IN"])
        {
            if (_tokens.TakeWord(clause)) throw SqlError.Unsupported(clause == "GROUP" ? "GROUP BY" : clause + " in FROM");
        }

        var (where, whereText) = Where();
        var (order, orderText) = OrderBy();
        var (offset, limit) = OffsetLimit();
        _tokens.ExpectEnd();
        return new SqlQuery
        {
            Source = _tokens.Source,
            Alias = _expressions.Alias,
            Columns = columns,
            IsStar = isStar,
            IsValue = isValue,
            IsDistinct = isDistinct,
            Top = top,
            Offset = offset,
            Limit = limit,
            Where = where,
            OrderBy = order,
            SelectsAggregates = selectsAggregates,
            Clauses = new SqlClauses(from, whereText, orderText),
        };
    }

    private string FindAlias()
    {
        var depth = 0;
        for (; _tokens.Current.Kind != SqlTokenKind.End; _tokens.Position++)
        {
            if (_tokens.Current is { Kind: SqlTokenKind.Symbol, Value: var symbol })
            {
                if (symbol is "(" or "[" or "{") depth++;
                if (symbol is ")" or "]" or "}") depth--;
            }

            if (depth == 0 && _tokens.IsWord("FROM"))
            {
                From();
                return _expressions.Alias;
            }
        }

        return _expressions.Alias;
    }

    private string From()
    {
        var start = _tokens.Position;
        if (!_tokens.TakeWord("FROM")) return "";
        _expressions.Alias = _tokens.TakeName();
        var hasAlias = _tokens.TakeWord("AS")
            || (_tokens.Current.Kind == SqlTokenKind.Word && !ClauseWords.Any(_tokens.IsWord));
        if (hasAlias) _expressions.Alias = _tokens.TakeName();
        return _tokens.TextSince(start);
    }

    private SqlColumn ValueColumn() => Column(_ => "");

    private List<SqlColumn> Columns()
    {
        var columns = new List<SqlColumn>();
        do columns.Add(Column(last => _tokens.TakeWord("AS") ? _tokens.TakeName() : NameOf(last, columns.Count)));
        while (_tokens.TakeSymbol(","));
        return columns;
    }

    private SqlColumn Column(Func<SqlToken, string> name)
    {
        var start = _tokens.Position;
        var expression = _expressions.ParseColumn(out var aggregate);
        var text = _tokens.TextSince(start);
        return new SqlColumn(name(_tokens.Previous), text, expression, aggregate);
    }

    // c.email becomes "email"; an expression without a name becomes $1, $2, …
    private static string NameOf(SqlToken last, int before) => last.Kind is SqlTokenKind.Word or SqlTokenKind.Text
        ? last.Value
        : string.Create(CultureInfo.InvariantCulture, $"${before + 1}");

    private (SqlExpression? Condition, string Text) Where()
    {
        if (!_tokens.TakeWord("WHERE")) return (null, "");
        var start = _tokens.Position;
        var condition = _expressions.Parse();
        return (condition, _tokens.TextSince(start));
    }

    private (List<SqlOrder> Order, string Text) OrderBy()
    {
        var order = new List<SqlOrder>();
        var start = _tokens.Position;
        if (!_tokens.TakeWord("ORDER")) return (order, "");
        if (!_tokens.TakeWord("BY")) throw SqlError.Syntax("ORDER must be followed by BY.");
        do
        {
            var keyStart = _tokens.Position;
            var key = _expressions.Parse();
            var text = _tokens.TextSince(keyStart);
            var isDescending = _tokens.TakeWord("DESC");
            if (!isDescending) _tokens.TakeWord("ASC");
            order.Add(new SqlOrder(key, text, isDescending));
        }
        while (_tokens.TakeSymbol(","));
        return (order, _tokens.TextSince(start));
    }

    private (int? Offset, int? Limit) OffsetLimit()
    {
        if (!_tokens.TakeWord("OFFSET")) return (null, null);
        var offset = Count("OFFSET");
        if (!_tokens.TakeWord("LIMIT")) throw SqlError.Syntax("OFFSET n must be followed by LIMIT m.");
        return (offset, Count("LIMIT"));
    }

    private int Count(string clause)
    {
        var token = _tokens.Take();
        return token.Kind == SqlTokenKind.Number && int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw SqlError.Syntax($"{clause} must be followed by a whole number, not '{token.Value}'.");
    }
}
