using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Http;

namespace Lookup.Functions.Users;

/// <summary>Metadata of an endpoint: the parameters of the query by which it can be narrowed.</summary>
internal sealed record NarrowedBy(bool PartitionKey = false, bool AlternateKeys = false);

/// <summary>
/// Refuses a parameter that narrows what is asked for, the partition key or an alternate key, where it has no meaning: to ignore it
/// would give, or evict, more than was asked for.
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

    /// <summary>A name in another case is meant, and would be ignored.</summary>
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
            return $"The parameter '{known}' has no meaning here; "
                + (isPartitionKey ? "a find goes over all partitions, and a body names the partition key of each user." : "users are found by it at GET /api/users.");
        }

        return parameter == known ? null : $"The parameter '{known}' must be written in this case.";
    }
}
