using System.Net;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>
/// The throughput budget of a container, in request units per second. A request is accepted while any budget is left, and can exceed it,
/// because its charge is known only afterwards. Later requests wait until the deficit is refilled.
/// </summary>
internal sealed class ThroughputBudget(int requestUnitsPerSecond, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private double _left = requestUnitsPerSecond;
    private long _filledAt = clock.GetTimestamp();

    public void CheckLeft()
    {
        TimeSpan wait;
        lock (_gate)
        {
            Refill();
            if (_left > 0) return;
            wait = TimeSpan.FromSeconds(-_left / requestUnitsPerSecond) + TimeSpan.FromMilliseconds(1);
        }

        // Cosmos DB's own text.
        throw new CosmosErrorException(
            HttpStatusCode.TooManyRequests,
            "Request rate is large. More Request Units may be needed, so no changes were made. Please retry this request later.",
            SubStatus.RequestRateTooLarge)
        {
            RetryAfter = wait,
        };
    }

    public void Spend(double requestUnits)
    {
        lock (_gate) _left -= requestUnits;
    }

    private void Refill()
    {
        var now = clock.GetTimestamp();
        var gained = clock.GetElapsedTime(_filledAt, now).TotalSeconds * requestUnitsPerSecond;
        _left = Math.Min(requestUnitsPerSecond, _left + gained);
        _filledAt = now;
    }
}
