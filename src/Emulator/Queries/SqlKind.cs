namespace Lookup.Emulator.Queries;

/// <summary>The kinds of values, in the order of ORDER BY.</summary>
internal enum SqlKind
{
    Undefined,
    Null,
    Boolean,
    Number,
    Text,
    Array,
    Object,
}
