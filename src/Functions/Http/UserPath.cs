namespace Lookup.Functions.Http;

/// <summary>
/// The parser that extracts a user id from the request target as it was sent. The server's own decoding is not used, because it does not
/// decode <c>%2F</c> and removes dot segments, so that two ids could become one.
/// </summary>
internal static class UserPath
{
    public const string Users = "/api/users/";
    public const string CachedUsers = "/api/cache/users/";

    /// <summary>Gets the part of the path after a prefix, still encoded.</summary>
    /// <returns><see langword="false"/> if the path does not begin with the prefix.</returns>
    public static bool TryGetEncodedId(string rawTarget, string prefix, out ReadOnlySpan<char> encoded)
    {
        encoded = default;
        var path = PathOf(rawTarget);
        if (!path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            return false;

        encoded = path[prefix.Length..];
        return true;
    }

    /// <summary>Gets the path of a target in origin form or absolute form (RFC 9112 §3.2), without the query.</summary>
    public static ReadOnlySpan<char> PathOf(string rawTarget)
    {
        var target = rawTarget.AsSpan();
        if (!target.StartsWith('/') && target.IndexOf("://", StringComparison.Ordinal) is var scheme and > 0)
        {
            var afterAuthority = target[(scheme + 3)..].IndexOf('/');
            target = afterAuthority < 0 ? "/" : target[(scheme + 3 + afterAuthority)..];
        }

        var query = target.IndexOf('?');
        return query < 0 ? target : target[..query];
    }
}
