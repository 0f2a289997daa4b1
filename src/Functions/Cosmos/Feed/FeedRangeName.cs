using System.Text.Json.Nodes;

namespace Lookup.Functions.Cosmos.Feed;

/// <summary>Names a feed range for people: its ends, to eight digits.</summary>
internal static class FeedRangeName
{
    public static string Of(string feedRangeJson) =>
        JsonNode.Parse(feedRangeJson)?["Range"] is { } range ? Of(range) : feedRangeJson;

    /// <param name="range"><c>{"min":"…","max":"…"}</c>, in hexadecimal digits; what is missing is taken for the end of all ranges.</param>
    public static string Of(JsonNode? range) => $"{Shorten(range?["min"], "00")}-{Shorten(range?["max"], "FF")}";

    private static string Shorten(JsonNode? end, string fallback) =>
        (string?)end is { Length: > 0 } text ? text[..Math.Min(8, text.Length)] : fallback;
}
