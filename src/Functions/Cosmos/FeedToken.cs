using System.Globalization;

namespace Lookup.Functions.Cosmos;

/// <summary>The text of a feed position: which container it is in, and the client's own words for the place.</summary>
internal static class FeedToken
{
    private const char Separator = '|';

    public static string Of(long generation, string place) => string.Create(CultureInfo.InvariantCulture, $"{generation}{Separator}{place}");

    public static (long Generation, string Place) Parse(string token)
    {
        var end = token.IndexOf(Separator, StringComparison.Ordinal);
        return (long.Parse(token.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture), token[(end + 1)..]);
    }
}
