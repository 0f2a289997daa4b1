namespace Lookup.Functions.Resilience;

/// <summary>The numbers of successes and failures in a period that ends now. It is not thread-safe.</summary>
/// <remarks>The period is divided into ten parts, of which the oldest is dropped as a whole.</remarks>
internal sealed class OutcomeWindow(TimeSpan period)
{
    private const int Parts = 10;

    private readonly long _part = Math.Max(1, period.Ticks / Parts);
    private readonly int[] _successes = new int[Parts];
    private readonly int[] _failures = new int[Parts];
    private long _latest;

    /// <summary>Adds a success.</summary>
    /// <param name="now">The present time; it never decreases.</param>
    public void AddSuccess(TimeSpan now) => _successes[Advance(now)]++;

    /// <summary>Adds a failure, and returns the numbers in the period.</summary>
    /// <param name="now">The present time; it never decreases.</param>
    public (int Successes, int Failures) AddFailure(TimeSpan now)
    {
        _failures[Advance(now)]++;
        return (_successes.Sum(), _failures.Sum());
    }

    public void Clear()
    {
        Array.Clear(_successes);
        Array.Clear(_failures);
    }

    private int Advance(TimeSpan now)
    {
        var current = now.Ticks / _part;
        for (var dropped = Math.Max(_latest + 1, current - Parts + 1); dropped <= current; dropped++)
        {
            _successes[dropped % Parts] = 0;
            _failures[dropped % Parts] = 0;
        }

        _latest = Math.Max(_latest, current);
        return (int)(_latest % Parts);
    }
}
