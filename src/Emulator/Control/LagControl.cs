using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Control;

/// <summary>
/// The route for replica lag: <c>PUT /_emulator/lag {"maxMs":200,"seed":1}</c> sets the maximum lag of replicas; 0 ends the lag.
/// </summary>
internal sealed class LagControl(ReplicaLag lag)
{
    public async Task SetAsync(Exchange exchange)
    {
        using var body = await ControlBody.ReadAsync(exchange, "maxMs", "seed");
        var max = body.Milliseconds("maxMs") ?? throw CosmosErrorException.BadRequest("The member 'maxMs' is required.");
        var seed = body.WholeNumber("seed", int.MinValue, int.MaxValue) ?? 0;
        lag.Set(max, seed);
        await ControlBody.RespondAsync(exchange, new { maxMs = lag.Max.TotalMilliseconds, seed });
    }
}
