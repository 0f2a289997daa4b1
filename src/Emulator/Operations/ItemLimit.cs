using System.Globalization;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>How many items an answer may have: the client's wish, or the default when it has none (-1).</summary>
internal static class ItemLimit
{
    public static int Read(Exchange exchange, int defaultLimit)
    {
        if (exchange.Header(HeaderNames.MaxItemCount) is not { } text) return defaultLimit;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) || limit < -1)
            throw CosmosErrorException.BadRequest($"The header {HeaderNames.MaxItemCount} is '{text}'; it takes a whole number, or -1 for the default.");
        return limit > 0 ? limit : defaultLimit;
    }
}
