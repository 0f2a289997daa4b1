using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>
/// The route for the clock that checks the dates of requests: <c>PUT /_emulator/clock {"aheadMs":3600000}</c> sets it ahead of the real
/// time, or behind with a negative number, as the clock of a client can differ from that of Cosmos DB.
/// </summary>
internal sealed class ClockControl(MasterKeyAuthorization authorization)
{
    private const int Day = 24 * 60 * 60 * 1000;

    public async Task SetAsync(Exchange exchange)
    {
        using var body = await ControlBody.ReadAsync(exchange, "aheadMs");
        var ahead = body.WholeNumber("aheadMs", -Day, Day) ?? throw CosmosErrorException.BadRequest("The member 'aheadMs' is required.");
        authorization.ClockOffset = TimeSpan.FromMilliseconds(ahead);
        await ControlBody.RespondAsync(exchange, new { aheadMs = ahead });
    }
}
