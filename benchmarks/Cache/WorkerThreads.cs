namespace Lookup.Benchmarks.Cache;

/// <summary>Worker threads that do the same work concurrently. The caller's thread is one of them.</summary>
internal sealed class WorkerThreads : IDisposable
{
    private readonly Barrier _start;
    private readonly Barrier _end;
    private readonly Thread[] _others;
    private volatile bool _isDone;
    private Action<int>? _work;
    private volatile Exception? _failure;

    public WorkerThreads(int threads)
    {
        Size = threads;
        _start = new Barrier(threads);
        _end = new Barrier(threads);
        _others = [.. Enumerable.Range(1, threads - 1).Select(number => new Thread(() => Live(number)) { IsBackground = true })];
        foreach (var thread in _others)
            thread.Start();
    }

    public int Size { get; }

    /// <summary>Runs the work once on every thread, with the number of the thread, and waits until all have finished.</summary>
    public void Run(Action<int> work)
    {
        _work = work;
        _start.SignalAndWait();
        Do(0);
        _end.SignalAndWait();
        if (_failure is { } failure)
            throw new InvalidOperationException("A thread of the benchmark has failed.", failure);
    }

    public void Dispose()
    {
        _isDone = true;
        _start.SignalAndWait();
        foreach (var thread in _others)
            thread.Join();
        _start.Dispose();
        _end.Dispose();
    }

    private void Live(int number)
    {
        while (true)
        {
            _start.SignalAndWait();
            if (_isDone)
                return;
            Do(number);
            _end.SignalAndWait();
        }
    }

    private void Do(int number)
    {
        try
        {
            _work!(number);
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }
}
