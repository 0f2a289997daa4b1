using Microsoft.Extensions.Primitives;

namespace Lookup.Functions.Http;

/// <summary>The evaluation of <c>If-None-Match</c> (RFC 9110 §13.1.2).</summary>
internal static class EntityTags
{
    /// <summary>Determines whether the field matches an entity tag by weak comparison (§8.8.3.2).</summary>
    /// <param name="fields">The lines of the field: <c>*</c> or a list of entity tags. Malformed elements match nothing.</param>
    /// <param name="current">The entity tag of the current version: strong, with its quotes.</param>
    public static bool Match(StringValues fields, string current)
    {
        foreach (var field in fields)
        {
            if (field is not null && Match(field.AsSpan(), current))
                return true;
        }

        return false;
    }

    private static bool Match(ReadOnlySpan<char> list, string current)
    {
        if (list.Trim(" \t") is "*")
            return true;

        while (true)
        {
            list = list.TrimStart(" \t,");
            if (list.StartsWith("W/"))
                list = list[2..];
            if (!list.StartsWith('"'))
                return false;

            // An entity tag has no escapes: it ends at the next quote, and can contain commas.
            var end = list[1..].IndexOf('"') + 2;
            if (end < 2)
                return false;
            if (list[..end].SequenceEqual(current))
                return true;

            list = list[end..].TrimStart(" \t");
            if (!list.StartsWith(','))
                return false;
        }
    }
}
