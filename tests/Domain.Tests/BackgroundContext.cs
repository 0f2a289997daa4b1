using Lookup.Support;

namespace Lookup.Domain.Tests;

/// <summary>
/// A context that runs posted work concurrently on the thread pool and counts the work that is pending. A test with its own threads
/// can therefore wait for the background work that the cache still does after these threads have ended.
/// </summary>
internal sealed class BackgroundContext : SynchronizationContext
{
    private readonly object _gate = new();
    private int _pending;

    /// <summary>Creates a thread that posts its background work to this context.</summary>
    public Thread NewThread(Action action) => new(() =>
    {
        SetSynchronizationContext(this);
        action();
    });

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
            _pending++;
        ThreadPool.UnsafeQueueUserWorkItem(_ => Run(d, state), null);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("A test must not block.");

    /// <summary>Blocks until all posted work has ended, including the work that it posted itself.</summary>
    public void AwaitIdle()
    {
        lock (_gate)
        {
            while (_pending > 0)
                Assert.True(Monitor.Wait(_gate, Eventually.Limit), $"{_pending} pieces of background work did not end within {Eventually.Limit}.");
        }
    }

    private void Run(SendOrPostCallback callback, object? state)
    {
        SetSynchronizationContext(this);
        try
        {
            callback(state);
        }
        finally
        {
            SetSynchronizationContext(null);
            lock (_gate)
            {
                if (--_pending == 0)
                    Monitor.PulseAll(_gate);
            }
        }
    }
}
