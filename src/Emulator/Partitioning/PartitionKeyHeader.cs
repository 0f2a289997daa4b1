using System.Text;
using System.Text.Json;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Partitioning;

/// <summary>The parser of the partition key header: a JSON array of one value, such as <c>["user-1"]</c>.</summary>
internal static class PartitionKeyHeader
{
    public static PartitionKeyValue Parse(string header)
    {
        // Nearly every request contains one plain string, which needs no JSON reader.
        if (header.Length > 4 && header.StartsWith("[\"", StringComparison.Ordinal) && header.EndsWith("\"]", StringComparison.Ordinal))
        {
            var inner = header.AsSpan(2, header.Length - 4);
            if (inner.IndexOfAny('"', '\\') < 0 && !inner.ContainsAnyInRange('\0', '\u001f')) return PartitionKeyValue.FromText(inner.ToString());
        }

        return ParseJson(header);
    }

    private static PartitionKeyValue ParseJson(string header)
    {
        try
        {
            using var json = JsonDocument.Parse(UnpairedSurrogates.Replace(Encoding.UTF8.GetBytes(header)));
            if (json.RootElement.ValueKind == JsonValueKind.Array)
            {
                var count = json.RootElement.GetArrayLength();
                if (count == 0) return PartitionKeyValue.Undefined;
                if (count == 1 && PartitionKeyValue.TryFrom(json.RootElement[0], out var value)) return value;
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // Reported below, like every other value that is not a partition key.
        }

        // The first part of the message is Cosmos DB's own text.
        throw CosmosErrorException.BadRequest(
            $"Partition key {header} is invalid; the header {HeaderNames.PartitionKey} must be a JSON array of one value, such as [\"user-1\"].");
    }
}
