namespace Lookup.Soak.Checking;

/// <summary>Counts of responses: in total, and by tenths of a second, so that the responses during a fault can be counted afterwards.</summary>
internal sealed class Tally
{
    private const long SlotLength = TimeSpan.TicksPerSecond / 10;

    private readonly long _began = Fleet.SoakClock.Now;
    private readonly int _slots;
    private readonly int[] _bySlot;
    private readonly long[] _totals = new long[Outcomes.All.Length];
    private long _lastFailure;

    public Tally(TimeSpan longest)
    {
        _slots = (int)(longest.Ticks / SlotLength) + 1;
        _bySlot = new int[_slots * Outcomes.All.Length];
    }

    public long Total => _totals.Sum();

    /// <summary>Gets the time of the last failed request. Failures that a slow machine alone can cause are not included.</summary>
    public long LastFailure => Interlocked.Read(ref _lastFailure);

    public long Of(Outcome outcome) => Interlocked.Read(ref _totals[(int)outcome]);

    public void Count(Outcome outcome, long now)
    {
        Interlocked.Increment(ref _totals[(int)outcome]);
        Interlocked.Increment(ref _bySlot[(SlotOf(now) * Outcomes.All.Length) + (int)outcome]);
        if (!outcome.IsSuccess() && !outcome.IsSlowness())
            Interlocked.Exchange(ref _lastFailure, now);
    }

    /// <summary>Returns the number of responses of a kind in an interval.</summary>
    public long Between(long from, long until, Func<Outcome, bool> wanted)
    {
        var count = 0L;
        for (var slot = SlotOf(from); slot <= SlotOf(until); slot++)
        {
            foreach (var outcome in Outcomes.All)
            {
                if (wanted(outcome))
                    count += _bySlot[(slot * Outcomes.All.Length) + (int)outcome];
            }
        }

        return count;
    }

    private int SlotOf(long time) => (int)Math.Clamp((time - _began) / SlotLength, 0, _slots - 1);
}
