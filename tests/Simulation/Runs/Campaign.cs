using Lookup.Simulation.Checking;

namespace Lookup.Simulation.Runs;

/// <summary>Concurrent runs of many seeds. Each run stays on one thread.</summary>
internal sealed class Campaign(ulong from, long seeds, Variant? variant = null, int? threads = null)
{
    private const int MaxKept = 20;

    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[SimulationEvents.Count];
    private readonly long[] _runsWith = new long[SimulationEvents.Count];
    private readonly List<RunResult> _failed = [];
    private long _taken;
    private long _done;
    private long _steps;
    private volatile bool _stopped;

    /// <summary>Gets a value that indicates whether the campaign ends at the first violation instead of running every seed.</summary>
    public bool StopsAtFirst { get; init; }

    public long Done => Interlocked.Read(ref _done);

    public long Steps => Interlocked.Read(ref _steps);

    public long Failures { get; private set; }

    /// <summary>Gets the runs with a violation, those of the lowest seeds if there are many.</summary>
    public IReadOnlyList<RunResult> Failed
    {
        get
        {
            lock (_gate)
                return [.. _failed.OrderBy(result => result.Seed)];
        }
    }

    /// <summary>Returns the number of occurrences of an event, and the number of runs in which it occurred.</summary>
    public (long Times, long Runs) CountOf(SimulationEvent what) => (_counts[(int)what], _runsWith[(int)what]);

    public void Go()
    {
        var workers = Enumerable.Range(0, threads ?? Environment.ProcessorCount).Select(_ => new Thread(Work) { IsBackground = true }).ToArray();
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
    }

    private void Work()
    {
        var counts = new long[SimulationEvents.Count];
        var runsWith = new long[SimulationEvents.Count];
        while (!_stopped && Interlocked.Increment(ref _taken) - 1 is var index && index < seeds)
        {
            var result = Run.Of(from + (ulong)index, variant);
            for (var i = 0; i < counts.Length; i++)
            {
                counts[i] += result.Counts[i];
                runsWith[i] += result.Counts[i] > 0 ? 1 : 0;
            }

            Interlocked.Increment(ref _done);
            Interlocked.Add(ref _steps, result.Steps);
            if (result.Violation is not null)
                Keep(result);
        }

        lock (_gate)
        {
            for (var i = 0; i < counts.Length; i++)
            {
                _counts[i] += counts[i];
                _runsWith[i] += runsWith[i];
            }
        }
    }

    private void Keep(RunResult result)
    {
        lock (_gate)
        {
            Failures++;
            _failed.Add(result);
            if (_failed.Count > MaxKept)
                _failed.Remove(_failed.MaxBy(failed => failed.Seed)!);
        }

        // Seeds are started in order, and started runs are finished, so the lowest failed seed is the first with a violation.
        if (StopsAtFirst)
            _stopped = true;
    }
}
