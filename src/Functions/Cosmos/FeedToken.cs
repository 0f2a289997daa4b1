using System.Globalization;

namespace Lookup.Functions.Cosmos;

/// <summary>The text of a feed position: which container it is in, and the client's own words for the place.</summary>
internal static class FeedToken
{
    private const char Separator = '|';

    public static string Of(long generation, string place) => string.Create(CultureInfo.InvariantCulture, $"{generation}{Separator}{place}");

    /// <summary>Takes a text apart. One that this class has not made is no position.</summary>
    public static bool TryParse(string token, out long generation, out string place)
    {
        var end = token.IndexOf(Separator, StringComparison.Ordinal);
        place = token[(end + 1)..];
        generation = 0;
        return end > 0 && long.TryParse(token.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out generation);
    }
}
