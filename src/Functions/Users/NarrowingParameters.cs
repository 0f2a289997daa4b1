using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Http;

namespace Lookup.Functions.Users;

/// <summary>The endpoint metadata that specifies the narrowing query parameters that the endpoint supports.</summary>
internal sealed record NarrowedBy(bool PartitionKey = false, bool AlternateKeys = false);

/// <summary>
/// The middleware that rejects a narrowing parameter (the partition key or an alternate key) if it has no meaning for the endpoint. If it
/// were ignored, more would be returned, or evicted, than was requested.
/// </summary>
internal sealed class NarrowingParametersMiddleware(RequestDelegate next, DocumentShape shape)
{
    private readonly string[] _alternateKeys = [.. shape.AlternateKeys.Select(path => path.Name)];

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.QueryString.HasValue
            && context.GetEndpoint()?.Metadata.GetMetadata<NarrowedBy>() is { } narrowedBy
            && RequestQuery.TryParse(context.Request.QueryString, out var query)
            && query.Parameters.Select(parameter => Refusal(parameter.Key, narrowedBy)).OfType<string>().FirstOrDefault() is { } refusal)
        {
            return ProblemWriter.WriteAsync(context, ProblemKind.BadRequest, refusal);
        }

        return next(context);
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
            return null;
        if (isPartitionKey ? !narrowedBy.PartitionKey : !narrowedBy.AlternateKeys)
        {
            return $"The parameter '{known}' is not supported here. "
                + (isPartitionKey
                    ? "A find searches all partitions, and a lookup specifies the partition key of each user in its body."
                    : "To find users by it, use GET /api/users.");
        }

        return parameter == known ? null : $"The parameter '{known}' is case-sensitive.";
    }
}
