namespace Lookup.Domain.Users;

/// <summary>A property value by which users can be looked up instead of by id, such as <c>/email = ada@example.com</c>.</summary>
/// <param name="Path">The JSON path of the property, as configured, such as <c>/email</c> or <c>/contact/phone</c>.</param>
/// <param name="Value">The property's value, compared ordinally. Only string values are supported.</param>
public readonly record struct AlternateKey(string Path, string Value)
{
    /// <summary>
    /// Gets the cache key of the hint. It begins with NUL, with which no id begins, and a path contains no NUL, so it is never the key of a
    /// user or of another alternate key.
    /// </summary>
    internal string CacheKey => string.Concat("\0", Path, "\0", Value);
}
