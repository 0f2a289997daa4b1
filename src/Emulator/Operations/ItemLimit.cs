using System.Globalization;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>The maximum number of items in a response, as requested by the client (-1 or 0 for the default).</summary>
internal static class ItemLimit
{
    public static int Read(Exchange exchange, int defaultLimit)
    {
        if (exchange.Header(HeaderNames.MaxItemCount) is not { } text) return defaultLimit;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) || limit < -1)
            throw CosmosErrorException.BadRequest($"The header {HeaderNames.MaxItemCount} is '{text}'; it must be a number, or -1 for the default.");
        return limit > 0 ? limit : defaultLimit;
    }
}
