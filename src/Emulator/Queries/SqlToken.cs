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

/// <param name="Value">The token's meaning: for text, without quotes and escapes.</param>
/// <param name="Start">Where it starts in the query.</param>
/// <param name="End">Where it ends in the query.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Value, int Start, int End);
