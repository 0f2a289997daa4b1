using Lookup.Emulator.Storage;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>
/// The route for the deletions of expired documents: <c>PUT /_emulator/ttl-delay {"delayMs":60000}</c> records them in the log a minute after
/// the expiry; 0, the default, immediately.
/// </summary>
internal sealed class TimeToLiveControl(TimeToLiveDelay delay)
{
    public async Task SetAsync(Exchange exchange)
    {
        using var body = await ControlBody.ReadAsync(exchange, "delayMs");
        delay.Value = body.Milliseconds("delayMs") ?? throw CosmosErrorException.BadRequest("The member 'delayMs' is required.");
        await ControlBody.RespondAsync(exchange, new { delayMs = delay.Value.TotalMilliseconds });
    }
}
