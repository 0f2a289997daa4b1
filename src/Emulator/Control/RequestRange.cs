using Lookup.Emulator.Operations;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>Finds the physical range that a request is for, so that a fault can be aimed at one range.</summary>
internal sealed class RequestRange(Account account)
{
    /// <returns>
    /// The id of the range: of the partition key that the request names, of the range that it names, or around its interval of keys.
    /// <see langword="null"/> if it is for no documents, for several ranges, or for a range that is gone.
    /// </returns>
    public string? FindId(Exchange exchange)
    {
        if (exchange.Path is not { Count: >= 5, Kind: "docs" }) return null;
        try
        {
            return FeedScope.Read(exchange, account.Find(exchange.Path[1]).Find(exchange.Path[3])).Range?.Id;
        }
        catch (CosmosErrorException)
        {
            return null; // the endpoint that answers the request says what is wrong with it
        }
    }
}
