using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>
/// The parser for the SDK's continuation of a feed range:
/// <c>{"V":2,"Rid":"…","Continuation":[{"FeedRange":{"type":"…","value":{"min":"","max":"FF"}},"State":{"type":"continuation","value":"\"42\""}}]}</c>,
/// with one element for each part into which the range has split.
/// </summary>
internal static class FeedContinuation
{
    private const string Parts = "Continuation";

    /// <summary>Splits a continuation into one for each part. The SDK accepts each of them, in this process and in others.</summary>
    /// <param name="continuation">The continuation that the SDK returned.</param>
    /// <param name="parts">
    /// The continuation and the display name of each part; at least one if the method returns <see langword="true"/>.
    /// </param>
    /// <returns><see langword="false"/> if the continuation has another format, so that the number of its parts is unknown.</returns>
    public static bool TrySplit(string continuation, out IReadOnlyList<(string Name, string Token)> parts)
    {
        parts = [];
        try
        {
            if (JsonNode.Parse(continuation) is not JsonObject whole || whole[Parts] is not JsonArray { Count: > 0 } elements)
                return false;

            var split = new List<(string, string)>(elements.Count);
            foreach (var element in elements)
            {
                if (element is not JsonObject part)
                    return false;
                var name = FeedRangeName.For(part["FeedRange"]?["value"]);
                if (elements.Count == 1)
                {
                    split.Add((name, continuation));
                    continue;
                }

                var alone = new JsonObject();
                foreach (var (key, value) in whole)
                    alone[key] = key == Parts ? new JsonArray(part.DeepClone()) : value?.DeepClone();
                split.Add((name, alone.ToJsonString()));
            }

            parts = split;
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Determines whether a continuation has one part, which is a feed range.</summary>
    /// <param name="continuation">The continuation, which may be any text.</param>
    /// <param name="feedRangeJson">The feed range.</param>
    public static bool IsOf(string continuation, string feedRangeJson)
    {
        try
        {
            return JsonNode.Parse(continuation)?[Parts] is JsonArray { Count: 1 } parts
                && parts[0]?["State"]?["value"] is not null
                && parts[0]?["FeedRange"]?["value"] is { } part
                && JsonNode.Parse(feedRangeJson)?["Range"] is { } range
                && JsonNode.DeepEquals(part["min"], range["min"])
                && JsonNode.DeepEquals(part["max"], range["max"]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Reads the LSN after which a continuation of one part continues.</summary>
    public static bool TryReadLsn(string continuation, out long lsn)
    {
        lsn = 0;
        try
        {
            using var json = JsonDocument.Parse(continuation);
            return json.RootElement.TryGetProperty(Parts, out var parts)
                && parts.ValueKind == JsonValueKind.Array
                && parts.GetArrayLength() == 1
                && parts[0].TryGetProperty("State", out var state)
                && state.TryGetProperty("value", out var value)
                && long.TryParse(value.GetString().AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out lsn);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false; // the format is internal to the SDK; without the LSN, only "no more changes" indicates the end
        }
    }
}
