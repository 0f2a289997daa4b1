using System.Net;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>The session guarantee: a read with a session token never returns a state from before the token.</summary>
internal static class SessionFloor
{
    /// <summary>Returns the LSN that the request's session token requires in a range, or 0 if there is no token.</summary>
    public static long RequiredLsn(Exchange exchange, PhysicalRange range) =>
        exchange.Header(HeaderNames.SessionToken) is { } token ? SessionTokens.HighestLsn(token, range.Ancestry) : 0;

    /// <summary>
    /// Checks a position against the request's session token. A token that is ahead of the log was issued for a container that no longer
    /// exists: one that was deleted and recreated, or one from before a restart of the endpoint. On 404/1002, the SDK checks whether the
    /// container was recreated.
    /// </summary>
    public static void Check(Exchange exchange, PhysicalRange range, RangePosition position)
    {
        if (RequiredLsn(exchange, range) <= position.Lsn) return;
        exchange.SetPosition(position);
        // Cosmos DB's own text.
        throw new CosmosErrorException(
            HttpStatusCode.NotFound,
            "The read session is not available for the input session token.",
            SubStatus.ReadSessionNotAvailable);
    }
}
