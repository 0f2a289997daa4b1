using System.Net;
using Lookup.Emulator.Wire;

namespace Lookup.Emulator.Storage;

/// <summary>
/// A container's request units per second. A request is let in while anything is left and may then use more than that, since
/// its cost is known only afterwards; the debt is paid off by the time that follows.
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
