using System.Globalization;
using System.Net;
using Lookup.Emulator.Control;
using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Operations;

/// <summary>
/// The change feed (<c>GET …/docs</c> with <c>A-IM</c>) of a physical range, after a continuation, which is an LSN in an ETag.
/// </summary>
internal sealed class ChangeFeedEndpoint(Account account, RequestCharges charges, ReplicaLag lag, bool withPreviousImages)
{
    private const int DefaultLimit = 100;

    public Task HandleAsync(Exchange exchange, Container container)
    {
        var scope = FeedScope.Read(exchange, container);
        // The SDK polls range by range. A request that spans several ranges is from a client that has not detected a split yet.
        var range = scope.Range ?? throw CosmosErrorException.RangeGone("*");
        container.Documents.Expire(range);
        var position = lag.IsOff ? range.Position : lag.PositionOf(range, SessionFloor.RequiredLsn(exchange, range));
        SessionFloor.Check(exchange, range, position);
        var start = ChangeFeedStart.Read(exchange, position);
        // After the first merge, this mode fails permanently in all containers of an account (issue 5707 of Azure/azure-cosmos-dotnet-v3).
        if (start.AllVersions && account.HasMerged) throw CosmosErrorException.AllVersionsAfterMerge();
        var page = new ChangeFeedReader(container, scope, withPreviousImages).Read(range, position, start, ItemLimit.Read(exchange, DefaultLimit));
        if (range.IsGone) throw CosmosErrorException.RangeGone(range.Id);

        exchange.SetPosition(position);
        exchange.SetETag(string.Create(CultureInfo.InvariantCulture, $"\"{page.ContinueAfter}\""));
        exchange.Charge = charges.FeedPoll(page.Count == 0 ? 0 : page.Body!.Length);
        if (page.Body is null)
        {
            // The SDK reads the count even from a response without a body, and fails if it is missing.
            exchange.SetHeader(HeaderNames.ItemCount, "0");
            return exchange.RespondAsync(HttpStatusCode.NotModified);
        }

        return FeedResponse.SendAsync(exchange, page.Body);
    }
}
