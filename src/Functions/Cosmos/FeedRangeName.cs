using System.Text.Json;

namespace Lookup.Functions.Cosmos;

/// <summary>Names a feed range for people: where it begins and ends, as far as eight digits tell.</summary>
internal static class FeedRangeName
{
    public static string Of(string feedRangeJson)
    {
        using var json = JsonDocument.Parse(feedRangeJson);
        return json.RootElement.TryGetProperty("Range", out var range)
            ? $"{Shorten(range, "min", "00")}-{Shorten(range, "max", "FF")}"
            : feedRangeJson;
    }

    private static string Shorten(JsonElement range, string end, string fallback)
    {
        var text = range.TryGetProperty(end, out var value) ? value.GetString() : null;
        return string.IsNullOrEmpty(text) ? fallback : text[..Math.Min(8, text.Length)];
    }
}
