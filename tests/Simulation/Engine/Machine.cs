namespace Lookup.Simulation.Engine;

/// <summary>
/// The process of one instance: its continuations, its timers and its two clocks. Code of an instance runs nowhere else; while the
/// machine is frozen none of it runs at all.
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

    /// <summary>By how long a piece of work may be kept from running after it became ready, and how often that happens.</summary>
    public (double Chance, long Longest) Starvation { get; set; }

    /// <summary>What could run now.</summary>
    public int Ready => IsFrozen ? 0 : _ready.Count;

    /// <summary>For how long the machine was not frozen, in ticks.</summary>
    public long RunningTime => (IsFrozen ? _frozenAt : _scheduler.Now) - _frozenFor;

    /// <summary>The true time at which the next timer is due.</summary>
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
        // Work that comes from another thread would come at a moment that the seed does not decide.
        if (Environment.CurrentManagedThreadId != _thread)
            Environment.FailFast("A continuation left the simulation's thread: " + Environment.StackTrace);
        if (_isDead)
            return;

        if (_scheduler.Random.Chance(Starvation.Chance))
            _scheduler.After(_scheduler.Random.Between(1, Starvation.Longest), () => Enqueue(d, state));
        else
            Enqueue(d, state);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing in an instance may block.");

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

    /// <summary>Makes the timers that are due ready to run: when they do is the scheduler's choice.</summary>
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
        var slept = _scheduler.Now - _frozenAt;
        _frozenFor += slept;
        if (_suspends)
            _suspended += slept;
    }

    /// <summary>Sets the wall clock forward, or back.</summary>
    public void ShiftWall(long ticks)
    {
        _wallShift += ticks;
        if (ticks < 0)
            _lastWall += ticks;
    }

    /// <summary>The process ends: nothing of it ever runs again.</summary>
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

    // Neither clock gives the same reading twice: what orders by time has no ties to break by chance.
    internal long ReadMonotonic() => _lastMonotonic = Math.Max(_scheduler.Now - _suspended, _lastMonotonic + 1);

    internal long ReadWall() => _lastWall = Math.Max(_scheduler.Now + _wallShift, _lastWall + 1);

    /// <summary>The monotonic clock as it was at the last timer tick.</summary>
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
