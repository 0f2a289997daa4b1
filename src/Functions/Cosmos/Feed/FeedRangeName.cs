using System.Text.Json.Nodes;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>The display name of a feed range: its bounds, shortened to eight digits.</summary>
internal static class FeedRangeName
{
    public static string For(string feedRangeJson) =>
        JsonNode.Parse(feedRangeJson)?["Range"] is { } range ? For(range) : feedRangeJson;

    /// <param name="range"><c>{"min":"…","max":"…"}</c>, in hexadecimal digits. A missing bound is that of the entire container.</param>
    public static string For(JsonNode? range) => $"{Shorten(range?["min"], "00")}-{Shorten(range?["max"], "FF")}";

    private static string Shorten(JsonNode? end, string fallback) =>
        (string?)end is { Length: > 0 } text ? text[..Math.Min(8, text.Length)] : fallback;
}
