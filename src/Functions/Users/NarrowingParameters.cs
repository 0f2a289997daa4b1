using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Http;

namespace Lookup.Functions.Users;

/// <summary>The endpoint metadata that specifies the query parameters that the endpoint supports.</summary>
/// <param name="PartitionKey">The endpoint supports <c>pk</c>.</param>
/// <param name="AlternateKeys">The endpoint supports the names of the alternate keys.</param>
/// <param name="TakesOthers">The endpoint ignores unknown parameters, because its response does not depend on any and it changes nothing.</param>
internal sealed record NarrowedBy(bool PartitionKey = false, bool AlternateKeys = false, bool TakesOthers = false);

/// <summary>
/// The middleware that rejects a query that cannot be parsed, and a narrowing parameter (the partition key or an alternate key) if it has no
/// meaning for the endpoint. If it were ignored, more would be returned, or evicted, than was requested. For the same reason, lookups and
/// evictions reject unknown parameters.
/// </summary>
internal sealed class NarrowingParametersMiddleware(RequestDelegate next, DocumentShape shape)
{
    private const int MaxQuotedLength = 40;

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

    /// <summary>
    /// Gets the error message for a parameter, or <see langword="null"/>. A name in another case is rejected, because it would otherwise be
    /// ignored.
    /// </summary>
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
            return $"The parameter '{known}' is not supported here. "
                + (isPartitionKey
                    ? "A find searches all partitions, and a lookup specifies the partition key of each user in its body."
                    : "To find users by it, use GET /api/users.");
        }

        return parameter == known ? null : $"The parameter '{known}' is case-sensitive.";
    }

    private string Unknown(string parameter, NarrowedBy narrowedBy)
    {
        string[] known =
        [
            .. narrowedBy.PartitionKey && !shape.IsPartitionedById ? [UserKeyReader.PartitionKeyParameter] : Array.Empty<string>(),
            .. narrowedBy.AlternateKeys ? _alternateKeys : [],
            KeyMiddleware.QueryParameter,
        ];
        var quoted = parameter.Length <= MaxQuotedLength ? parameter : string.Concat(parameter.AsSpan(0, MaxQuotedLength), "…");
        return $"The parameter '{quoted}' is not known here; known are: {string.Join(", ", known)}.";
    }
}
