using System.Globalization;

namespace Lookup.Emulator.Queries;

/// <summary>
/// A recursive descent parser of expressions, from OR down to literals. A chain of one operator becomes one expression with many operands,
/// and nesting is limited, so that no query can exhaust the stack.
/// </summary>
internal sealed class SqlExpressionParser(SqlTokens tokens)
{
    private const int MaxDepth = 100;
    private const string Root = "root";

    private int _depth;

    public string Alias { get; set; } = "c";

    public bool HasSeenAggregate { get; private set; }

    public SqlExpression Parse()
    {
        var expression = ParseColumn(out var aggregate);
        return aggregate is null ? expression : throw SqlError.Syntax("an aggregate is allowed in SELECT only.");
    }

    /// <summary>Parses an expression that can be an aggregate, which <see cref="Parse"/> rejects.</summary>
    public SqlExpression ParseColumn(out SqlAggregateCall? aggregate)
    {
        var start = tokens.Position;
        var function = tokens.Take().Value.ToUpperInvariant();
        if (SqlAggregates.Names.Contains(function) && tokens.TakeSymbol("("))
        {
            var argumentStart = tokens.Position;
            var argument = Nested(Or);
            aggregate = new SqlAggregateCall(function, tokens.TextSince(argumentStart));
            tokens.Expect(")");
            HasSeenAggregate = true;
            return SqlAggregates.Make(function, argument);
        }

        tokens.Position = start;
        aggregate = null;
        return Nested(Or);
    }

    private T Nested<T>(Func<T> parse)
    {
        if (++_depth > MaxDepth) throw SqlError.Syntax($"the query is nested more than {MaxDepth} levels deep.");
        var result = parse();
        _depth--;
        return result;
    }

    private SqlExpression Or() => Chain("OR", And, SqlOperators.AnyTrue);

    private SqlExpression And() => Chain("AND", Not, SqlOperators.AllTrue);

    private SqlExpression Chain(string word, Func<SqlExpression> operand, Func<SqlExpression[], SqlExpression> combine)
    {
        var operands = new List<SqlExpression> { operand() };
        while (tokens.TakeWord(word)) operands.Add(operand());
        return operands.Count == 1 ? operands[0] : combine([.. operands]);
    }

    private SqlExpression Not()
    {
        if (!tokens.TakeWord("NOT")) return Comparison();
        return SqlOperators.Not(Nested(Not));
    }

    private SqlExpression Comparison()
    {
        var left = Sum();
        if (tokens.TakeWord("IN"))
        {
            tokens.Expect("(");
            return SqlOperators.In(left, List(")"));
        }

        if (tokens.TakeWord("BETWEEN"))
        {
            var low = Sum();
            if (!tokens.TakeWord("AND")) throw SqlError.Syntax("BETWEEN must have the form BETWEEN a AND b.");
            return SqlOperators.Between(left, low, Sum());
        }

        return tokens.TakeAny("=", "!=", "<>", "<=", ">=", "<", ">") is { } symbol ? SqlOperators.Compare(symbol, left, Sum()) : left;
    }

    private SqlExpression Sum() => Fold(Product, ["+", "-", "||"]);

    private SqlExpression Product() => Fold(Path, ["*", "/", "%"]);

    private SqlExpression Fold(Func<SqlExpression> operand, string[] symbols)
    {
        var first = operand();
        var steps = new List<(string Symbol, SqlExpression Operand)>();
        while (tokens.TakeAny(symbols) is { } symbol) steps.Add((symbol, operand()));
        return steps.Count == 0 ? first : SqlOperators.Fold(first, [.. steps]);
    }

    private SqlExpression Path()
    {
        var root = Primary();
        var steps = new List<SqlExpression>();
        while (true)
        {
            if (tokens.TakeSymbol("."))
            {
                var name = SqlValue.From(tokens.TakeName());
                steps.Add(_ => name);
            }
            else if (tokens.TakeSymbol("["))
            {
                steps.Add(Nested(Or));
                tokens.Expect("]");
            }
            else
            {
                return steps.Count == 0 ? root : SqlOperators.Path(root, [.. steps]);
            }
        }
    }

    private SqlExpression Primary()
    {
        var token = tokens.Take();
        switch (token.Kind)
        {
            case SqlTokenKind.Number: return Constant(SqlValue.From(double.Parse(token.Value, CultureInfo.InvariantCulture)));
            case SqlTokenKind.Text: return Constant(SqlValue.From(token.Value));
            case SqlTokenKind.Parameter: return row => row.Parameters[token.Value];
            case SqlTokenKind.Word: return Word(token.Value);
            case SqlTokenKind.Symbol when token.Value == "(":
                var inner = Nested(Or);
                tokens.Expect(")");
                return inner;
            case SqlTokenKind.Symbol when token.Value == "-": return SqlOperators.Negate(Nested(Path));
            case SqlTokenKind.Symbol when token.Value == "[": return SqlConstructors.Array(List("]"));
            case SqlTokenKind.Symbol when token.Value == "{": return SqlConstructors.Object(Members());
            default: throw SqlError.Syntax($"'{token.Value}' was not expected.");
        }
    }

    private static SqlExpression Constant(SqlValue value) => _ => value;

    private SqlExpression Word(string word)
    {
        if (tokens.TakeSymbol("(")) return Call(word.ToUpperInvariant());
        if (word == Alias || word == Root) return row => row.Document;
        return word.ToUpperInvariant() switch
        {
            "TRUE" => Constant(SqlValue.From(true)),
            "FALSE" => Constant(SqlValue.From(false)),
            "NULL" => Constant(SqlValue.Null),
            "UNDEFINED" => Constant(SqlValue.Undefined),
            _ => throw SqlError.Syntax($"the name '{word}' is unknown; the alias in FROM is '{Alias}'."),
        };
    }

    private SqlExpression Call(string function)
    {
        // Aggregates occur here only in a query that the SDK sends for an aggregate: SELECT VALUE [{"item": COUNT(1)}].
        var arguments = List(")");
        if (!SqlAggregates.Names.Contains(function)) return SqlFunctions.Make(function, arguments);
        HasSeenAggregate = true;
        return arguments.Length == 1 ? SqlAggregates.Make(function, arguments[0]) : throw SqlError.Syntax($"{function} must have one argument.");
    }

    private SqlExpression[] List(string end)
    {
        var items = new List<SqlExpression>();
        if (tokens.TakeSymbol(end)) return [];
        do items.Add(Nested(Or));
        while (tokens.TakeSymbol(","));
        tokens.Expect(end);
        return [.. items];
    }

    private (string Name, SqlExpression Value)[] Members()
    {
        var members = new List<(string, SqlExpression)>();
        if (tokens.TakeSymbol("}")) return [];
        do
        {
            var name = tokens.TakeName();
            tokens.Expect(":");
            members.Add((name, Nested(Or)));
        }
        while (tokens.TakeSymbol(","));
        tokens.Expect("}");
        return [.. members];
    }
}
