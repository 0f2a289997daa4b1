using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Lookup.Domain.Users;
using Lookup.Functions.Http;

namespace Lookup.Functions.Users;

/// <summary>The body of a lookup of several users.</summary>
/// <param name="Keys">The users, each once, in the order of their first occurrence.</param>
internal sealed record LookupRequest(IReadOnlyList<UserKey> Keys)
{
    public const int MaxIds = 1000;

    private const string Form = """{"ids":["…"]}""";
    private const string FormWithPartitionKey = """{"ids":[{"id":"…","pk":"…"}]}""";

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    public static bool TryRead(
        ReadOnlyMemory<byte> body,
        UserKeyReader reader,
        [NotNullWhen(true)] out LookupRequest? request,
        [NotNullWhen(false)] out RequestProblem? problem)
    {
        request = null;
        var form = $"The body must have the form {(reader.NeedsPartitionKey ? FormWithPartitionKey : Form)}";
        try
        {
            using var json = JsonDocument.Parse(body, Options);
            if (json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("ids", out var ids)
                || ids.ValueKind != JsonValueKind.Array)
            {
                problem = new RequestProblem(ProblemKind.BadRequest, $"{form}.");
                return false;
            }

            // Otherwise, a member that was meant to narrow the lookup would be ignored.
            if (json.RootElement.EnumerateObject().Any(property => !property.NameEquals("ids")))
            {
                problem = new RequestProblem(ProblemKind.BadRequest, $"The body has a member other than 'ids'. {form}.");
                return false;
            }

            if (ids.GetArrayLength() is var count and (0 or > MaxIds))
            {
                problem = new RequestProblem(ProblemKind.BadRequest, $"The body contains {count} users; it must contain 1 to {MaxIds}.");
                return false;
            }

            return TryReadKeys(ids, reader, form, out request, out problem);
        }
        catch (JsonException)
        {
            problem = new RequestProblem(ProblemKind.BadRequest, $"The body is not JSON. {form}.");
            return false;
        }
        catch (InvalidOperationException)
        {
            problem = new RequestProblem(ProblemKind.BadRequest, $"The body contains an unpaired surrogate, which no id contains. {form}.");
            return false;
        }
    }

    private static bool TryReadKeys(
        JsonElement ids,
        UserKeyReader reader,
        string form,
        [NotNullWhen(true)] out LookupRequest? request,
        [NotNullWhen(false)] out RequestProblem? problem)
    {
        request = null;
        var keys = new List<UserKey>(ids.GetArrayLength());
        var known = new HashSet<UserKey>(keys.Capacity);
        foreach (var (index, element) in ids.EnumerateArray().Index())
        {
            if (!TryReadParts(element, out var id, out var partitionKey))
            {
                problem = new RequestProblem(ProblemKind.BadRequest, $"Entry {index} of 'ids' is not valid. {form}.");
                return false;
            }

            if (!reader.TryMake(id, partitionKey, out var key, out problem))
                return false;

            if (known.Add(key))
                keys.Add(key);
        }

        problem = null;
        request = new LookupRequest(keys);
        return true;
    }

    private static bool TryReadParts(JsonElement element, out string? id, out string? partitionKey)
    {
        id = partitionKey = null;
        if (element.ValueKind == JsonValueKind.String)
        {
            id = element.GetString();
            return true;
        }

        if (element.ValueKind != JsonValueKind.Object)
            return false;

        foreach (var property in element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
                return false;
            if (property.NameEquals("id"))
                id = property.Value.GetString();
            else if (property.NameEquals(UserKeyReader.PartitionKeyParameter))
                partitionKey = property.Value.GetString();
            else
                return false;
        }

        return id is not null;
    }
}
