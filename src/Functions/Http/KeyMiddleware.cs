using System.Security.Cryptography;
using System.Text;
using Lookup.Domain.Stores;

namespace Lookup.Functions.Http;

/// <summary>
/// The middleware that validates keys, in the same <c>x-functions-key</c> header or <c>code</c> query parameter as the Functions host. If
/// no keys are configured, none is required: the Functions host then requires its own keys, and without it the service listens on this
/// machine only.
/// </summary>
internal sealed class KeyMiddleware(RequestDelegate next, HttpOptions options, TimeProvider time)
{
    public const string Header = "x-functions-key";
    public const string QueryParameter = "code";

    private readonly byte[][] _keys = [.. options.Keys.Select(Digest)];
    private readonly byte[][] _adminKeys = [.. options.AdminKeys.Select(Digest)];
    private readonly bool _isOpen = options.HasNoKeys;
    private readonly KeyBudget[]? _budgets = options.KeyRequestUnitsPerSecond is var rate and > 0
        ? [.. Enumerable.Range(0, Math.Max(1, options.Keys.Count + options.AdminKeys.Count)).Select(_ => new KeyBudget(rate, time))]
        : null;

    public Task InvokeAsync(HttpContext context)
    {
        if (_isOpen)
            return ContinueAsync(context, 0);

        var needed = context.GetEndpoint()?.Metadata.GetMetadata<AccessLevel>()?.Level ?? Access.Lookup;
        if (needed == Access.Anonymous)
            return next(context);

        var given = GivenBy(context.Request);
        if (given is null)
            return RefuseAsync(context, "Specify a key in the x-functions-key header.");

        // All keys are compared, and in full, so that the duration reveals nothing about them.
        var digest = Digest(given);
        var admin = PlaceAmong(_adminKeys, digest);
        var user = PlaceAmong(_keys, digest);
        if (admin >= 0)
            return ContinueAsync(context, _keys.Length + admin);
        if (user >= 0 && needed == Access.Lookup)
            return ContinueAsync(context, user);

        return user >= 0
            ? ProblemWriter.WriteAsync(context, ProblemKind.Forbidden, "This operation requires an administrator key.")
            : RefuseAsync(context, "The key is not a valid key of this service.");
    }

    private Task ContinueAsync(HttpContext context, int key)
    {
        if (_budgets is not null)
            context.Features.Set<IRequestUnitBudget>(_budgets[key]);
        return next(context);
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

    public static bool IsAmong(byte[][] keys, byte[] digest) => PlaceAmong(keys, digest) >= 0;

    private static int PlaceAmong(byte[][] keys, byte[] digest)
    {
        var found = -1;
        for (var i = 0; i < keys.Length; i++)
        {
            if (CryptographicOperations.FixedTimeEquals(keys[i], digest))
                found = i;
        }

        return found;
    }

    /// <summary>Hashes a key. All digests have the same length, so that a comparison does not reveal the lengths of keys.</summary>
    public static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
