using System.Net;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>The routes below <c>/_emulator</c>, for tests and local runs. Cosmos DB does not have them.</summary>
internal sealed class ControlEndpoint(
    Statistics statistics,
    SplitControl splits,
    MergeControl merges,
    FaultControl faults,
    LagControl lag,
    TimeToLiveControl timeToLive,
    AccountControl account,
    ClockControl clock)
{
    public const string Root = "_emulator";

    public Task HandleAsync(Exchange exchange)
    {
        CheckLoopback(exchange);
        var route = exchange.Path.Count == 2 ? exchange.Path[1] : "";
        return (exchange.Method, route) switch
        {
            ("GET", "stats") => exchange.RespondAsync(HttpStatusCode.OK, statistics.ToJson()),
            ("POST", "splits") => splits.SplitAsync(exchange),
            ("POST", "merges") => merges.MergeAsync(exchange),
            ("GET", "faults") => faults.ListAsync(exchange),
            ("POST", "faults") => faults.AddAsync(exchange),
            ("DELETE", "faults") => faults.ClearAsync(exchange),
            ("PUT", "lag") => lag.SetAsync(exchange),
            ("PUT", "ttl-delay") => timeToLive.SetAsync(exchange),
            ("PUT", "account") => account.SetAsync(exchange),
            ("PUT", "clock") => clock.SetAsync(exchange),
            _ => throw CosmosErrorException.NotFound(
                $"There is no control route {exchange.Method} {exchange.Path}; the control routes are GET /_emulator/stats, POST /_emulator/splits "
                + "and /_emulator/merges, GET, POST and DELETE /_emulator/faults, and PUT /_emulator/lag, /_emulator/ttl-delay, /_emulator/account and /_emulator/clock."),
        };
    }

    // Control routes require no key, so they accept requests from this machine only, whatever address the endpoint listens on. A browser on
    // this machine sends requests for pages of other sites too: those name their site in Origin, and, if its name resolves here, in Host.
    private static void CheckLoopback(Exchange exchange)
    {
        var request = exchange.Http.Request;
        if (exchange.Http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            && IsLoopback(request.Host.Host)
            && request.Headers.Origin.All(origin => Uri.TryCreate(origin, UriKind.Absolute, out var site) && IsLoopback(site.Host)))
        {
            return;
        }

        throw new CosmosErrorException(
            HttpStatusCode.Forbidden, "The control routes accept requests from this machine only, for 127.0.0.1, [::1] or localhost, and none from pages of other sites.");
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
