using Lookup.Support;

namespace Lookup.Domain.Tests;

/// <summary>
/// Runs what is posted to it on the thread pool, side by side, and knows when all of it has ended: so a test with threads of its own
/// can wait for what the cache still does in the background after they have ended.
/// </summary>
internal sealed class BackgroundContext : SynchronizationContext
{
    private readonly object _gate = new();
    private int _underWay;

    /// <summary>Makes a thread whose background work runs here.</summary>
    public Thread NewThread(Action action) => new(() =>
    {
        SetSynchronizationContext(this);
        action();
    });

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
            _underWay++;
        ThreadPool.UnsafeQueueUserWorkItem(_ => Run(d, state), null);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("A test must not block.");

    /// <summary>Blocks until nothing is left of what was posted, nor of what that has posted.</summary>
    public void AwaitIdle()
    {
        lock (_gate)
        {
            while (_underWay > 0)
                Assert.True(Monitor.Wait(_gate, Eventually.Limit), $"{_underWay} pieces of background work have not ended after {Eventually.Limit}.");
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
                if (--_underWay == 0)
                    Monitor.PulseAll(_gate);
            }
        }
    }
}
