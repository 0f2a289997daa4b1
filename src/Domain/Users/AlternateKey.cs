namespace Lookup.Domain.Users;

/// <summary>A value by which users are found besides their id, such as <c>/email = ada@example.com</c>.</summary>
/// <param name="Path">The JSON path of the property, as configured: <c>/email</c>, <c>/contact/phone</c>.</param>
/// <param name="Value">The property's value; compared ordinally. Only string values take part.</param>
public readonly record struct AlternateKey(string Path, string Value)
{
    /// <summary>
    /// The key of the hint in memory. It begins with a slash, which no id holds, and a path holds no NUL:
    /// so it is never that of a user or of another alternate key.
    /// </summary>
    internal string CacheKey => string.Concat(Path, "\0", Value);
}
