namespace Lookup.Emulator.Queries;

/// <summary>The operators of expressions. A chain of one operator, such as <c>a OR b OR c</c>, is evaluated by a loop and not by recursion, so its
/// length cannot overflow the stack.</summary>
internal static class SqlOperators
{
    public static SqlExpression AnyTrue(SqlExpression[] operands) => row =>
    {
        var undefined = false;
        foreach (var operand in operands)
        {
            var value = operand(row);
            if (value.IsTrue) return SqlValue.From(true);
            undefined |= !value.IsFalse;
        }

        return undefined ? SqlValue.Undefined : SqlValue.From(false);
    };

    public static SqlExpression AllTrue(SqlExpression[] operands) => row =>
    {
        var undefined = false;
        foreach (var operand in operands)
        {
            var value = operand(row);
            if (value.IsFalse) return SqlValue.From(false);
            undefined |= !value.IsTrue;
        }

        return undefined ? SqlValue.Undefined : SqlValue.From(true);
    };

    public static SqlExpression Not(SqlExpression operand) => row =>
    {
        var value = operand(row);
        return value.Kind == SqlKind.Boolean ? SqlValue.From(value.IsFalse) : SqlValue.Undefined;
    };

    public static SqlExpression Negate(SqlExpression operand) => row =>
        operand(row).Number is { } number ? SqlValue.From(-number) : SqlValue.Undefined;

    public static SqlExpression In(SqlExpression left, SqlExpression[] candidates) => row =>
    {
        var value = left(row);
        if (value.IsUndefined) return SqlValue.Undefined;
        foreach (var candidate in candidates)
        {
            if (SqlValue.AreEqual(value, candidate(row)) == true) return SqlValue.From(true);
        }

        return SqlValue.From(false);
    };

    public static SqlExpression Between(SqlExpression operand, SqlExpression low, SqlExpression high) => row =>
    {
        var value = operand(row);
        return SqlValue.From(SqlValue.Compare(value, low(row)) >= 0 && SqlValue.Compare(value, high(row)) <= 0);
    };

    public static SqlExpression Compare(string symbol, SqlExpression left, SqlExpression right) => row =>
    {
        var (a, b) = (left(row), right(row));
        bool? result = symbol switch
        {
            "=" => SqlValue.AreEqual(a, b),
            "!=" or "<>" => !SqlValue.AreEqual(a, b),
            "<" => Ordered(a, b) is { } order ? order < 0 : null,
            ">" => Ordered(a, b) is { } order ? order > 0 : null,
            "<=" => Ordered(a, b) is { } order ? order <= 0 : null,
            _ => Ordered(a, b) is { } order ? order >= 0 : null,
        };
        return result is { } known ? SqlValue.From(known) : SqlValue.Undefined;
    };

    public static SqlExpression Fold(SqlExpression first, (string Symbol, SqlExpression Operand)[] steps) => row =>
    {
        var value = first(row);
        foreach (var (symbol, operand) in steps) value = Apply(symbol, value, operand(row));
        return value;
    };

    public static SqlExpression Path(SqlExpression root, SqlExpression[] steps) => row =>
    {
        var value = root(row);
        foreach (var step in steps)
        {
            var key = step(row);
            value = key.Text is { } name ? value.Property(name) : key.Number is { } index ? value.At(index) : SqlValue.Undefined;
        }

        return value;
    };

    private static int? Ordered(SqlValue left, SqlValue right) => left.IsUndefined ? null : SqlValue.Compare(left, right);

    private static SqlValue Apply(string symbol, SqlValue left, SqlValue right)
    {
        if (symbol == "||") return left.Text is { } a && right.Text is { } b ? SqlValue.From(a + b) : SqlValue.Undefined;
        if (left.Number is not { } x || right.Number is not { } y) return SqlValue.Undefined;
        return SqlValue.From(symbol switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "/" => x / y,
            _ => x % y,
        });
    }
}
