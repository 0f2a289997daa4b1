using System.Net;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>The session guarantee: a read with a session token is never answered from a state before it.</summary>
internal static class SessionFloor
{
    /// <summary>The LSN that the request's token asks for in a range; 0 when it carries none.</summary>
    public static long RequiredLsn(Exchange exchange, PhysicalRange range) =>
        exchange.Header(HeaderNames.SessionToken) is { } token ? SessionTokens.HighestLsn(token, range.Ancestry) : 0;

    /// <summary>
    /// A token ahead of the log comes from a container that no longer exists, of this name or of an endpoint that was restarted.
    /// The SDK takes 404/1002 as the occasion to look whether the container was made anew.
    /// </summary>
    public static void Check(Exchange exchange, PhysicalRange range, RangePosition position)
    {
        if (RequiredLsn(exchange, range) <= position.Lsn) return;
        exchange.SetPosition(position);
        throw new CosmosErrorException(
            HttpStatusCode.NotFound,
            "The read session is not available for the input session token.",
            SubStatus.ReadSessionNotAvailable);
    }
}
