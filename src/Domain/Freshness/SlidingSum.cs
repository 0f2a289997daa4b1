namespace Lookup.Domain.Freshness;

/// <summary>The sum of the amounts that were added within a window of time that ends now, in steps of an eighth of the window.</summary>
/// <remarks>An amount counts for at least the window, and for at most an eighth longer. Not thread-safe.</remarks>
/// <param name="window">The length of the window, in ticks.</param>
internal sealed class SlidingSum(long window)
{
    private const int Steps = 8;

    private readonly double[] _amounts = new double[Steps + 1]; // by step, modulo their number
    private readonly long _step = Math.Max(1, (window + Steps - 1) / Steps);
    private long _last = long.MinValue;
    private double _sum;

    public void Add(long now, double amount)
    {
        MoveTo(now);
        _amounts[IndexOf(_last)] += amount;
        _sum += amount;
    }

    public double At(long now)
    {
        MoveTo(now);
        return _sum;
    }

    public void Clear()
    {
        Array.Clear(_amounts);
        _sum = 0;
    }

    private void MoveTo(long now)
    {
        var step = Math.Max(now / _step, _last);
        if (step == _last)
            return;

        if (_last == long.MinValue || step - _last > Steps)
        {
            Clear();
        }
        else
        {
            while (_last < step)
            {
                ref var oldest = ref _amounts[IndexOf(++_last)];
                oldest = 0;
            }

            _sum = _amounts.Sum(); // not by subtraction, whose rounding errors would accumulate
        }

        _last = step;
    }

    private static int IndexOf(long step) => (int)((ulong)step % (Steps + 1));
}
