namespace Lookup.Simulation.Engine;

/// <summary>
/// True time, what happens at which of its moments, and the choice of what runs next. One thread does it all: a run's order of events
/// is its seed's alone.
/// </summary>
internal sealed class Scheduler(SimRandom random)
{
    private const long ShortestStep = 20; // 2 µs
    private const long LongestStep = 1_000; // 100 µs

    private readonly PriorityQueue<Action, Moment> _events = new();
    private readonly List<Machine> _machines = [];
    private long _sequence;

    /// <summary>True time, in ticks of 100 ns since the run began. No machine sees it.</summary>
    public long Now { get; private set; }

    public long Steps { get; private set; }

    public SimRandom Random => random;

    public void Add(Machine machine) => _machines.Add(machine);

    public void Remove(Machine machine) => _machines.Remove(machine);

    /// <summary>Has something of the outside world happen at a moment of true time: a message that arrives, a fault, a write.</summary>
    public void At(long time, Action action) => _events.Enqueue(action, new Moment(Math.Max(time, Now), _sequence++));

    public void After(long delay, Action action) => At(Now + delay, action);

    /// <summary>Runs one piece of work that is ready, any of them, or lets time pass to the next event.</summary>
    /// <returns>Whether there was anything left to do.</returns>
    public bool Step()
    {
        RunDueEvents();
        var ready = 0;
        foreach (var machine in _machines)
            ready += machine.Ready;

        if (ready == 0)
        {
            var next = _events.TryPeek(out _, out var moment) ? moment.Time : long.MaxValue;
            foreach (var machine in _machines)
                next = Math.Min(next, machine.NextTimer);
            if (next == long.MaxValue)
                return false;

            Now = Math.Max(Now, next);
            return true;
        }

        var chosen = random.Next(ready);
        foreach (var machine in _machines)
        {
            if (chosen < machine.Ready)
            {
                machine.RunOne(chosen);
                break;
            }

            chosen -= machine.Ready;
        }

        Steps++;
        Now += random.Between(ShortestStep, LongestStep);
        return true;
    }

    private void RunDueEvents()
    {
        while (_events.TryPeek(out _, out var moment) && moment.Time <= Now)
            _events.Dequeue()();
        for (var i = 0; i < _machines.Count; i++)
            _machines[i].FireTimers();
    }

    private readonly record struct Moment(long Time, long Sequence) : IComparable<Moment>
    {
        public int CompareTo(Moment other) => Time != other.Time ? Time.CompareTo(other.Time) : Sequence.CompareTo(other.Sequence);
    }
}
