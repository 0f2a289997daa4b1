namespace Lookup.Emulator.Queries;

/// <summary>The functions that a query can call.</summary>
internal static class SqlFunctions
{
    private static readonly Dictionary<string, (int Min, int Max, Func<SqlValue[], SqlValue> Compute)> Functions = new()
    {
        ["STARTSWITH"] = (2, 3, a => Texts(a, (x, y, how) => SqlValue.From(x.StartsWith(y, how)))),
        ["ENDSWITH"] = (2, 3, a => Texts(a, (x, y, how) => SqlValue.From(x.EndsWith(y, how)))),
        ["CONTAINS"] = (2, 3, a => Texts(a, (x, y, how) => SqlValue.From(x.Contains(y, how)))),
        ["STRINGEQUALS"] = (2, 3, a => Texts(a, (x, y, how) => SqlValue.From(x.Equals(y, how)))),
        ["INDEX_OF"] = (2, 2, a => Texts(a, (x, y, how) => SqlValue.From(x.IndexOf(y, how)))),
        ["LOWER"] = (1, 1, a => Text(a[0], x => SqlValue.From(x.ToLowerInvariant()))),
        ["UPPER"] = (1, 1, a => Text(a[0], x => SqlValue.From(x.ToUpperInvariant()))),
        ["TRIM"] = (1, 1, a => Text(a[0], x => SqlValue.From(x.Trim()))),
        ["LENGTH"] = (1, 1, a => Text(a[0], x => SqlValue.From(x.Length))),
        ["CONCAT"] = (2, int.MaxValue, a => a.All(x => x.Text is not null) ? SqlValue.From(string.Concat(a.Select(x => x.Text))) : SqlValue.Undefined),
        ["ABS"] = (1, 1, a => Number(a[0], Math.Abs)),
        ["FLOOR"] = (1, 1, a => Number(a[0], Math.Floor)),
        ["CEILING"] = (1, 1, a => Number(a[0], Math.Ceiling)),
        ["ROUND"] = (1, 1, a => Number(a[0], x => Math.Round(x, MidpointRounding.AwayFromZero))),
        ["IS_DEFINED"] = (1, 1, a => SqlValue.From(!a[0].IsUndefined)),
        ["IS_NULL"] = (1, 1, a => SqlValue.From(a[0].Kind == SqlKind.Null)),
        ["IS_BOOL"] = (1, 1, a => SqlValue.From(a[0].Kind == SqlKind.Boolean)),
        ["IS_NUMBER"] = (1, 1, a => SqlValue.From(a[0].Kind == SqlKind.Number)),
        ["IS_STRING"] = (1, 1, a => SqlValue.From(a[0].Kind == SqlKind.Text)),
        ["IS_ARRAY"] = (1, 1, a => SqlValue.From(a[0].Kind == SqlKind.Array)),
        ["IS_OBJECT"] = (1, 1, a => SqlValue.From(a[0].Kind == SqlKind.Object)),
        ["ARRAY_CONTAINS"] = (2, 2, a => Array(a[0], x => SqlValue.From(x.Items().Any(item => SqlValue.AreEqual(item, a[1]) == true)))),
        ["ARRAY_LENGTH"] = (1, 1, a => Array(a[0], x => SqlValue.From(x.Items().Count()))),
    };

    public static SqlExpression Make(string name, SqlExpression[] arguments)
    {
        if (!Functions.TryGetValue(name, out var function)) throw SqlError.Unsupported($"the function {name}");
        if (arguments.Length < function.Min || arguments.Length > function.Max)
            throw SqlError.Syntax($"{name} does not accept {arguments.Length} arguments.");
        return row => function.Compute(System.Array.ConvertAll(arguments, argument => argument(row)));
    }

    private static SqlValue Texts(SqlValue[] arguments, Func<string, string, StringComparison, SqlValue> compute)
    {
        // A third argument of true ignores the case.
        var how = arguments.Length > 2 && arguments[2].IsTrue ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return arguments[0].Text is { } x && arguments[1].Text is { } y ? compute(x, y, how) : SqlValue.Undefined;
    }

    private static SqlValue Text(SqlValue argument, Func<string, SqlValue> compute) =>
        argument.Text is { } text ? compute(text) : SqlValue.Undefined;

    private static SqlValue Number(SqlValue argument, Func<double, double> compute) =>
        argument.Number is { } number ? SqlValue.From(compute(number)) : SqlValue.Undefined;

    private static SqlValue Array(SqlValue argument, Func<SqlValue, SqlValue> compute) =>
        argument.Kind == SqlKind.Array ? compute(argument) : SqlValue.Undefined;
}
