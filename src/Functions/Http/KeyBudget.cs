using Lookup.Domain.Stores;

namespace Lookup.Functions.Http;

/// <summary>The request unit budget of one key: a token bucket that holds the units of ten seconds, and is initially full.</summary>
internal sealed class KeyBudget : IRequestUnitBudget
{
    private const double BurstSeconds = 10;

    private readonly Lock _gate = new();
    private readonly double _perSecond;
    private readonly TimeProvider _time;
    private double _left;
    private long _filledAt;

    public KeyBudget(double requestUnitsPerSecond, TimeProvider time)
    {
        _perSecond = requestUnitsPerSecond;
        _time = time;
        _left = requestUnitsPerSecond * BurstSeconds;
        _filledAt = time.GetTimestamp();
    }

    public bool Allows(out TimeSpan retryAfter)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            _left = Math.Min(_perSecond * BurstSeconds, _left + _perSecond * _time.GetElapsedTime(_filledAt, now).TotalSeconds);
            _filledAt = now;
            retryAfter = _left > 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(1 - _left / _perSecond);
            return _left > 0;
        }
    }

    public void Spend(double requestUnits)
    {
        lock (_gate)
            _left -= requestUnits;
    }
}
