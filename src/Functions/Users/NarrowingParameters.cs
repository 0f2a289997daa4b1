using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Http;

namespace Lookup.Functions.Users;

/// <summary>Metadata of an endpoint: the parameters of the query by which it can be narrowed.</summary>
/// <param name="PartitionKey">It takes <c>pk</c>.</param>
/// <param name="AlternateKeys">It takes the names of the alternate keys.</param>
/// <param name="TakesOthers">It ignores unknown parameters, because its response is the same for all of them, and it changes nothing.</param>
internal sealed record NarrowedBy(bool PartitionKey = false, bool AlternateKeys = false, bool TakesOthers = false);

/// <summary>
/// Refuses a query that cannot be read, and a parameter that narrows what is asked for, the partition key or an alternate key, where it has
/// no meaning: to ignore it would give, or evict, more than was asked for. For the same reason lookups and evictions take no parameter that they do
/// not know.
/// </summary>
internal sealed class NarrowingParametersMiddleware(RequestDelegate next, DocumentShape shape)
{
    private const int LongestQuoted = 40;

    private readonly string[] _alternateKeys = [.. shape.AlternateKeys.Select(path => path.Name)];

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.QueryString.HasValue || context.GetEndpoint() is not { } endpoint)
            return next(context);

        if (!RequestQuery.TryParse(context.Request.QueryString, out var query))
            return ProblemWriter.WriteAsync(context, ProblemKind.BadRequest, "The query must be UTF-8 in percent-encoding.");

        return endpoint.Metadata.GetMetadata<NarrowedBy>() is { } narrowedBy
            && query.Parameters.Select(parameter => Refusal(parameter.Key, narrowedBy)).OfType<string>().FirstOrDefault() is { } refusal
                ? ProblemWriter.WriteAsync(context, ProblemKind.BadRequest, refusal)
                : next(context);
    }

    /// <summary>A name in another case is meant, and would be ignored.</summary>
    private string? Refusal(string parameter, NarrowedBy narrowedBy)
    {
        const StringComparison AnyCase = StringComparison.OrdinalIgnoreCase;
        var isPartitionKey = parameter.Equals(UserKeyReader.PartitionKeyParameter, AnyCase);
        var known = isPartitionKey
            ? UserKeyReader.PartitionKeyParameter
            : Array.Find(_alternateKeys, name => parameter.Equals(name, AnyCase));
        if (known is null)
            return narrowedBy.TakesOthers || parameter == KeyMiddleware.QueryParameter ? null : Unknown(parameter, narrowedBy);
        if (isPartitionKey ? !narrowedBy.PartitionKey : !narrowedBy.AlternateKeys)
        {
            return $"The parameter '{known}' has no meaning here; "
                + (isPartitionKey ? "a find goes over all partitions, and a body names the partition key of each user." : "users are found by it at GET /api/users.");
        }

        return parameter == known ? null : $"The parameter '{known}' must be written in this case.";
    }

    private string Unknown(string parameter, NarrowedBy narrowedBy)
    {
        string[] known =
        [
            .. narrowedBy.PartitionKey && !shape.IsPartitionedById ? [UserKeyReader.PartitionKeyParameter] : Array.Empty<string>(),
            .. narrowedBy.AlternateKeys ? _alternateKeys : [],
            KeyMiddleware.QueryParameter,
        ];
        var quoted = parameter.Length <= LongestQuoted ? parameter : string.Concat(parameter.AsSpan(0, LongestQuoted), "…");
        return $"The parameter '{quoted}' is not known here; known are: {string.Join(", ", known)}.";
    }
}
