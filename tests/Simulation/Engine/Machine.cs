namespace Lookup.Simulation.Engine;

/// <summary>
/// The process of one instance: its continuations, its timers and its two clocks. All code of an instance runs here, and none of it runs
/// while the machine is frozen.
/// </summary>
internal sealed class Machine : SynchronizationContext
{
    private const long TimerTick = 10 * TimeSpan.TicksPerMillisecond;

    private readonly Scheduler _scheduler;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];
    private readonly List<MachineTimer> _timers = [];
    private long _suspended; // true time that the monotonic clock did not count
    private long _wallShift;
    private long _frozenAt;
    private long _frozenFor;
    private bool _suspends;
    private bool _isDead;
    private long _lastMonotonic;
    private long _lastWall;

    public Machine(int number, Scheduler scheduler)
    {
        Number = number;
        _scheduler = scheduler;
        Time = new MachineTime(this);
        scheduler.Add(this);
    }

    public int Number { get; }

    public TimeProvider Time { get; }

    public bool IsFrozen { get; private set; }

    /// <summary>Gets or sets the probability and the maximum time of a delay of work that is ready to run.</summary>
    public (double Chance, long Longest) Starvation { get; set; }

    /// <summary>Gets the number of pieces of work that can run now.</summary>
    public int Ready => IsFrozen ? 0 : _ready.Count;

    /// <summary>Gets the time for which the machine was not frozen, in ticks.</summary>
    public long RunningTime => (IsFrozen ? _frozenAt : _scheduler.Now) - _frozenFor;

    /// <summary>Gets the true time at which the next timer is due.</summary>
    public long NextTimer
    {
        get
        {
            var next = long.MaxValue;
            if (!IsFrozen)
            {
                foreach (var timer in _timers)
                    next = Math.Min(next, timer.DueAt);
            }

            return next == long.MaxValue ? next : next + _suspended;
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        // The time of work from another thread would not be determined by the seed.
        if (Environment.CurrentManagedThreadId != _thread)
            Environment.FailFast("A continuation left the simulation's thread: " + Environment.StackTrace);
        if (_isDead)
            return;

        if (_scheduler.Random.Chance(Starvation.Chance))
            _scheduler.After(_scheduler.Random.Between(1, Starvation.Longest), () => Enqueue(d, state));
        else
            Enqueue(d, state);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Code in an instance must not block; use Post.");

    public void Post(Action action) => Post(static state => ((Action)state!)(), action);

    public void RunOne(int index)
    {
        var (callback, state) = _ready[index];
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        SetSynchronizationContext(this);
        callback(state);
        SetSynchronizationContext(null);
    }

    /// <summary>Makes due timers ready to run. The scheduler selects when they run.</summary>
    public void FireTimers()
    {
        if (IsFrozen || _timers.Count == 0)
            return;

        var now = _scheduler.Now - _suspended;
        for (var i = _timers.Count - 1; i >= 0; i--)
        {
            var timer = _timers[i];
            if (timer.DueAt > now)
                continue;

            _timers.RemoveAt(i);
            timer.IsSet = false;
            _ready.Add((static state => ((MachineTimer)state!).Fire(), timer));
        }
    }

    public void Freeze(bool suspends)
    {
        IsFrozen = true;
        _frozenAt = _scheduler.Now;
        _suspends = suspends;
    }

    public void Thaw()
    {
        if (!IsFrozen)
            return;

        IsFrozen = false;
        var duration = _scheduler.Now - _frozenAt;
        _frozenFor += duration;
        if (_suspends)
            _suspended += duration;
    }

    /// <summary>Sets the wall clock forward or, with a negative value, back.</summary>
    public void ShiftWall(long ticks)
    {
        _wallShift += ticks;
        if (ticks < 0)
            _lastWall += ticks;
    }

    /// <summary>Ends the process. None of its code runs afterwards.</summary>
    public void Kill()
    {
        _isDead = true;
        _ready.Clear();
        _timers.Clear();
        _scheduler.Remove(this);
    }

    internal void Set(MachineTimer timer)
    {
        if (!timer.IsSet && !_isDead)
            _timers.Add(timer);
        timer.IsSet = true;
    }

    internal void Unset(MachineTimer timer)
    {
        if (timer.IsSet)
            _timers.Remove(timer);
        timer.IsSet = false;
    }

    // Neither clock returns the same reading twice, so code that orders by time has no ties.
    internal long ReadMonotonic() => _lastMonotonic = Math.Max(_scheduler.Now - _suspended, _lastMonotonic + 1);

    internal long ReadWall() => _lastWall = Math.Max(_scheduler.Now + _wallShift, _lastWall + 1);

    /// <summary>Returns the reading of the monotonic clock at the last timer tick.</summary>
    internal long ReadCoarse()
    {
        var monotonic = Math.Max(_scheduler.Now - _suspended, _lastMonotonic);
        return monotonic - (monotonic % TimerTick);
    }

    private void Enqueue(SendOrPostCallback callback, object? state)
    {
        if (!_isDead)
            _ready.Add((callback, state));
    }
}
