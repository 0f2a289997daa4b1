using Microsoft.Extensions.Primitives;

namespace Lookup.Functions.Http;

/// <summary>The comparison of entity tags with those in <c>If-Match</c> and <c>If-None-Match</c> (RFC 9110 §8.8.3.2).</summary>
internal static class EntityTags
{
    private const string WeakPrefix = "W/";

    /// <summary>
    /// Returns the entity tag of a user's version. It is weak, because the same version can be sent in different bytes: Cosmos DB does not
    /// return the same text for a read of one item, for a read of several, and in the feed.
    /// </summary>
    /// <param name="etag">The store's entity tag of the version, with its quotes.</param>
    public static string Weak(string etag) => string.Concat(WeakPrefix, etag);

    /// <summary>Determines whether a line of a field is <c>*</c>, which every current representation matches.</summary>
    public static bool ContainsAny(StringValues fields)
    {
        foreach (var field in fields)
        {
            if (field.AsSpan().Trim(" \t") is "*")
                return true;
        }

        return false;
    }

    /// <summary>Determines whether a list contains an entity tag by weak comparison: the tags are equal, weak or not.</summary>
    /// <param name="fields">The lines of the field. Elements after a malformed one are ignored.</param>
    /// <param name="current">The entity tag of the current representation, with its quotes.</param>
    public static bool ContainsWeakly(StringValues fields, string current) => Contains(fields, current, isStrong: false);

    /// <summary>Determines whether a list contains an entity tag by strong comparison: the tags are equal, and neither is weak.</summary>
    /// <param name="fields">The lines of the field. Elements after a malformed one are ignored.</param>
    /// <param name="current">The entity tag of the current representation, with its quotes.</param>
    public static bool ContainsStrongly(StringValues fields, string current) =>
        !IsWeak(current) && Contains(fields, current, isStrong: true);

    private static bool Contains(StringValues fields, ReadOnlySpan<char> current, bool isStrong)
    {
        var opaque = IsWeak(current) ? current[WeakPrefix.Length..] : current;
        foreach (var field in fields)
        {
            if (field is not null && Contains(field.AsSpan(), opaque, isStrong))
                return true;
        }

        return false;
    }

    private static bool Contains(ReadOnlySpan<char> list, ReadOnlySpan<char> opaque, bool isStrong)
    {
        while (true)
        {
            list = list.TrimStart(" \t,");
            var isWeak = IsWeak(list);
            if (isWeak)
                list = list[WeakPrefix.Length..];
            if (!list.StartsWith('"'))
                return false;

            // An entity tag has no escapes: it ends at the next quote, and can contain commas.
            var end = list[1..].IndexOf('"') + 2;
            if (end < 2)
                return false;
            if (!(isWeak && isStrong) && list[..end].SequenceEqual(opaque))
                return true;

            list = list[end..].TrimStart(" \t");
            if (!list.StartsWith(','))
                return false;
        }
    }

    private static bool IsWeak(ReadOnlySpan<char> tag) => tag.StartsWith(WeakPrefix);
}
