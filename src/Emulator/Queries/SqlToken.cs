namespace Lookup.Emulator.Queries;

internal enum SqlTokenKind
{
    Word,
    Parameter,
    Number,
    Text,
    Symbol,
    End,
}

/// <summary>A token of a query.</summary>
/// <param name="Value">The value of the token; for a string, without quotes and escape sequences.</param>
/// <param name="Start">The index of the token's first character in the query.</param>
/// <param name="End">The index after the token's last character.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Value, int Start, int End);
