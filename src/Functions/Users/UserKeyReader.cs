using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos.Documents;
using Lookup.Functions.Http;
using Lookup.Functions.Settings;
using Microsoft.AspNetCore.Http.Features;

namespace Lookup.Functions.Users;

/// <summary>The parser for the user key of a request: the id in its path and, if users have one, the partition key in its query.</summary>
internal sealed class UserKeyReader(DocumentShape shape, HostingMode mode)
{
    public const string PartitionKeyParameter = "pk";

    private const string PathRule = "A user id in a path must not contain '/', '\\', '?' or '#', even if encoded; use POST /api/users/lookup.";

    /// <summary>The characters that end a path or a segment of it, and the one that some servers treat as such.</summary>
    private static readonly SearchValues<char> Delimiters = SearchValues.Create("/\\?#");

    /// <summary>Gets a value that indicates whether a user is identified by an id and a partition key value.</summary>
    public bool NeedsPartitionKey => !shape.IsPartitionedById;

    public bool TryRead(HttpContext context, string prefix, out UserKey key, [NotNullWhen(false)] out RequestProblem? problem)
    {
        key = default;
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        UserPath.TryGetEncodedId(rawTarget, prefix, out var encoded);
        if (!PercentDecoder.TryDecode(encoded, plusIsSpace: false, out var id))
        {
            problem = new RequestProblem(ProblemKind.InvalidId, "The user id must be percent-encoded UTF-8.");
            return false;
        }

        // The Functions host decodes a path once, except for an encoded slash: the service cannot tell "%2F" and "%252F" apart, because both
        // arrive as "%252F".
        if (mode.IsBehindFunctionsHost && id.Contains("%2F", StringComparison.OrdinalIgnoreCase))
        {
            problem = new RequestProblem(
                ProblemKind.InvalidId, "Behind the Functions host, a path cannot name an id that contains '%2F'; use POST /api/users/lookup.");
            return false;
        }

        // A server on the way may decode such a character, and pass on the path of another user.
        if (id.AsSpan().ContainsAny(Delimiters))
        {
            problem = new RequestProblem(ProblemKind.InvalidId, PathRule);
            return false;
        }

        return TryReadPartitionKey(context.Request.QueryString, out var partitionKey, out problem)
            && TryMake(id, partitionKey, out key, out problem);
    }

    /// <summary>Creates a key from an id and a partition key value, either of which can be missing.</summary>
    public bool TryMake(string? id, string? partitionKey, out UserKey key, [NotNullWhen(false)] out RequestProblem? problem)
    {
        key = default;
        problem = null;
        if (partitionKey is not null && shape.IsPartitionedById)
            problem = new RequestProblem(ProblemKind.InvalidPartitionKey, "Users are partitioned by their id; omit 'pk'.");
        else if (partitionKey is null && !shape.IsPartitionedById)
            problem = new RequestProblem(ProblemKind.InvalidPartitionKey, $"Users are partitioned by {shape.PartitionKey}; specify it in 'pk'.");
        else if (!UserKey.TryCreate(id, partitionKey, out key, out var rule))
            problem = new RequestProblem(rule == UserKey.IdRule ? ProblemKind.InvalidId : ProblemKind.InvalidPartitionKey, rule);
        return problem is null;
    }

    private static bool TryReadPartitionKey(QueryString text, out string? partitionKey, [NotNullWhen(false)] out RequestProblem? problem)
    {
        partitionKey = null;
        problem = null;
        if (!text.HasValue)
            return true;

        if (!RequestQuery.TryParse(text, out var query))
        {
            problem = new RequestProblem(ProblemKind.BadRequest, "The query must be percent-encoded UTF-8.");
            return false;
        }

        var values = query.ValuesOf(PartitionKeyParameter);
        if (values.Count > 1)
        {
            problem = new RequestProblem(ProblemKind.InvalidPartitionKey, $"The query contains 'pk' {values.Count} times; specify it once.");
            return false;
        }

        partitionKey = values is [var value] ? value : null;
        return true;
    }
}
