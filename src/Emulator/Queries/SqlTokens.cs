namespace Lookup.Emulator.Queries;

/// <summary>The tokens of a query, and the current position.</summary>
internal sealed class SqlTokens(string source, List<SqlToken> tokens)
{
    public string Source => source;

    public int Position { get; set; }

    public SqlToken Current => tokens[Position];

    public SqlToken Previous => tokens[Math.Max(0, Position - 1)];

    public SqlToken Take()
    {
        var token = Current;
        if (token.Kind != SqlTokenKind.End) Position++;
        return token;
    }

    public bool IsWord(string word) => Current.Kind == SqlTokenKind.Word && Current.Value.Equals(word, StringComparison.OrdinalIgnoreCase);

    public bool TakeWord(string word)
    {
        if (!IsWord(word)) return false;
        Position++;
        return true;
    }

    public bool IsSymbol(string symbol) => Current.Kind == SqlTokenKind.Symbol && Current.Value == symbol;

    public bool TakeSymbol(string symbol)
    {
        if (!IsSymbol(symbol)) return false;
        Position++;
        return true;
    }

    public string? TakeAny(params ReadOnlySpan<string> symbols)
    {
        foreach (var symbol in symbols)
        {
            if (TakeSymbol(symbol)) return symbol;
        }

        return null;
    }

    public string TakeName()
    {
        var token = Take();
        return token.Kind is SqlTokenKind.Word or SqlTokenKind.Text
            ? token.Value
            : throw SqlError.Syntax($"a name was expected near '{token.Value}'.");
    }

    public void Expect(string symbol)
    {
        if (!TakeSymbol(symbol)) throw SqlError.Syntax($"'{symbol}' was expected near '{Current.Value}'.");
    }

    public void ExpectEnd()
    {
        if (Current.Kind != SqlTokenKind.End) throw SqlError.Syntax($"'{Current.Value}' was not expected.");
    }

    /// <summary>Returns the query text from the token at a position to the last token taken.</summary>
    public string TextSince(int position) => position == Position ? "" : source[tokens[position].Start..Previous.End];
}
