using System.Globalization;
using System.Text;

namespace Lookup.Emulator.Queries;

/// <summary>The lexer, which splits a query into tokens.</summary>
internal static class SqlLexer
{
    private const int MaxQueryLength = 262_144;
    private static readonly string[] LongSymbols = ["!=", "<>", "<=", ">=", "||", "??"];

    public static List<SqlToken> Read(string query)
    {
        if (query.Length > MaxQueryLength) throw SqlError.Syntax($"the query has {query.Length} characters; the maximum is {MaxQueryLength}.");
        var tokens = new List<SqlToken>();
        for (var at = 0; at < query.Length;)
        {
            if (char.IsWhiteSpace(query[at]))
            {
                at++;
                continue;
            }

            var token = Next(query, at);
            tokens.Add(token);
            at = token.End;
        }

        tokens.Add(new SqlToken(SqlTokenKind.End, "the end", query.Length, query.Length));
        return tokens;
    }

    private static SqlToken Next(string query, int start)
    {
        var first = query[start];
        if (char.IsLetter(first) || first is '_') return Take(SqlTokenKind.Word, query, start, IsWordCharacter);
        if (first is '@') return Take(SqlTokenKind.Parameter, query, start, IsWordCharacter);
        if (char.IsAsciiDigit(first)) return Number(query, start);
        if (first is '"' or '\'') return Text(query, start, first);
        foreach (var symbol in LongSymbols)
        {
            if (string.CompareOrdinal(query, start, symbol, 0, symbol.Length) == 0)
                return new SqlToken(SqlTokenKind.Symbol, symbol, start, start + symbol.Length);
        }

        return new SqlToken(SqlTokenKind.Symbol, first.ToString(), start, start + 1);
    }

    private static bool IsWordCharacter(char character) => char.IsLetterOrDigit(character) || character is '_';

    private static SqlToken Take(SqlTokenKind kind, string query, int start, Func<char, bool> belongs)
    {
        var end = start + 1;
        while (end < query.Length && belongs(query[end])) end++;
        return new SqlToken(kind, query[start..end], start, end);
    }

    private static SqlToken Number(string query, int start)
    {
        var end = start;
        while (end < query.Length && (char.IsAsciiDigit(query[end]) || query[end] is '.' || IsExponent(query, end))) end++;
        var text = query[start..end];
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            throw SqlError.Syntax($"'{text}' is not a valid number.");
        return new SqlToken(SqlTokenKind.Number, text, start, end);
    }

    private static bool IsExponent(string query, int at) =>
        query[at] is 'e' or 'E' || (query[at] is '+' or '-' && query[at - 1] is 'e' or 'E');

    private static SqlToken Text(string query, int start, char quote)
    {
        var text = new StringBuilder();
        for (var at = start + 1; at < query.Length; at++)
        {
            if (query[at] == quote) return new SqlToken(SqlTokenKind.Text, text.ToString(), start, at + 1);
            if (query[at] != '\\') text.Append(query[at]);
            else text.Append(Escaped(query, ref at));
        }

        throw SqlError.Syntax("a string has no closing quote.");
    }

    private static char Escaped(string query, ref int at)
    {
        if (++at >= query.Length) throw SqlError.Syntax("a string ends within an escape sequence.");
        switch (query[at])
        {
            case 'n': return '\n';
            case 't': return '\t';
            case 'r': return '\r';
            case 'b': return '\b';
            case 'f': return '\f';
            case 'u' when at + 4 < query.Length
                && ushort.TryParse(query.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                at += 4;
                return (char)code;
            case 'u': throw SqlError.Syntax("the escape sequence \\u must have four hexadecimal digits.");
            default: return query[at];
        }
    }
}
