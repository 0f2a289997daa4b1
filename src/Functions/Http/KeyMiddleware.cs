using System.Security.Cryptography;
using System.Text;
using Lookup.Functions.Hosting;

namespace Lookup.Functions.Http;

/// <summary>
/// Asks for a key, in <c>x-functions-key</c> or <c>?code=</c> as the Functions host does. With no key configured it asks for none: the
/// host then asks for its own, and without a host the service listens on this machine only.
/// </summary>
internal sealed class KeyMiddleware(RequestDelegate next, LookupSettings settings)
{
    public const string Header = "x-functions-key";
    public const string QueryParameter = "code";

    private readonly byte[][] _keys = [.. settings.Keys.Select(Digest)];
    private readonly byte[][] _adminKeys = [.. settings.AdminKeys.Select(Digest)];
    private readonly bool _isOpen = settings.Keys.Count == 0 && settings.AdminKeys.Count == 0;

    public Task InvokeAsync(HttpContext context)
    {
        if (_isOpen)
            return next(context);

        var needed = context.GetEndpoint()?.Metadata.GetMetadata<AccessLevel>()?.Level ?? Access.Lookup;
        if (needed == Access.Anonymous)
            return next(context);

        var given = GivenBy(context.Request);
        if (given is null)
            return RefuseAsync(context, "Give a key in the header x-functions-key.");

        // Every key is compared, and in full: how long it takes says nothing about them.
        var digest = Digest(given);
        var isAdmin = IsAmong(_adminKeys, digest);
        var isUser = IsAmong(_keys, digest);
        if (isAdmin || (isUser && needed == Access.Lookup))
            return next(context);

        return isUser
            ? ProblemWriter.WriteAsync(context, ProblemKind.Forbidden, "This needs an administrator's key.")
            : RefuseAsync(context, "The key is not one of this service.");
    }

    private static Task RefuseAsync(HttpContext context, string detail)
    {
        context.Response.Headers.WWWAuthenticate = $"ApiKey header=\"{Header}\"";
        return ProblemWriter.WriteAsync(context, ProblemKind.Unauthorized, detail);
    }

    public static string? GivenBy(HttpRequest request)
    {
        if (request.Headers[Header] is [{ Length: > 0 } header])
            return header;
        return RequestQuery.TryParse(request.QueryString, out var query) && query.ValuesOf(QueryParameter) is [{ Length: > 0 } code] ? code : null;
    }

    public static bool IsAmong(byte[][] keys, byte[] digest)
    {
        var found = false;
        foreach (var key in keys)
            found |= CryptographicOperations.FixedTimeEquals(key, digest);
        return found;
    }

    /// <summary>Of one length for all keys, so that the comparison does not tell theirs.</summary>
    public static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
