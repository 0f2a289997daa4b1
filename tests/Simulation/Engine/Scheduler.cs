namespace Lookup.Simulation.Engine;

/// <summary>
/// The true time, the queue of future events, and the selection of the work that runs next. Everything runs on one thread, so the order of
/// events is determined by the seed.
/// </summary>
internal sealed class Scheduler(SimRandom random)
{
    private const long ShortestStep = 20; // 2 µs
    private const long LongestStep = 1_000; // 100 µs

    private readonly PriorityQueue<Action, Moment> _events = new();
    private readonly List<Machine> _machines = [];
    private long _sequence;

    /// <summary>Gets the true time, in ticks of 100 ns since the run began. Machines do not have access to it.</summary>
    public long Now { get; private set; }

    public long Steps { get; private set; }

    public SimRandom Random => random;

    public void Add(Machine machine) => _machines.Add(machine);

    public void Remove(Machine machine) => _machines.Remove(machine);

    /// <summary>Schedules an external event, such as the arrival of a message, a fault or a write, at a true time.</summary>
    public void At(long time, Action action) => _events.Enqueue(action, new Moment(Math.Max(time, Now), _sequence++));

    public void After(long delay, Action action) => At(Now + delay, action);

    /// <summary>Runs one randomly selected piece of work that is ready or, if there is none, advances the time to the next event.</summary>
    /// <returns><see langword="true"/> if there was work or an event; otherwise, <see langword="false"/>.</returns>
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
