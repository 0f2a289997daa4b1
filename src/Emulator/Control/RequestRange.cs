using Lookup.Emulator.Operations;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>The lookup of the physical range of a request, so that a fault can apply to a single range.</summary>
internal sealed class RequestRange(Account account)
{
    /// <summary>Finds the physical range of a request.</summary>
    /// <returns>
    /// The id of the range of the request's partition key, of the range that the request names, or of the range that contains its interval
    /// of keys. <see langword="null"/> if the request is not for documents, spans several ranges, names a range that no longer exists, or is
    /// not valid.
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
            return null; // the endpoint of the request reports the error
        }
    }
}
