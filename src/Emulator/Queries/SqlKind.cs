namespace Lookup.Emulator.Queries;

/// <summary>The kinds of values, in the order in which ORDER BY puts them.</summary>
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
