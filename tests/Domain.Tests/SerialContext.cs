namespace Lookup.Domain.Tests;

/// <summary>
/// A context that runs one continuation at a time, in the order in which they became ready. A test can therefore determine
/// when nothing more can run.
/// </summary>
internal sealed class SerialContext : SynchronizationContext
{
    private readonly Lock _gate = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private bool _isRunning;

    /// <summary>Installs a new context for the calling test and everything that it starts.</summary>
    public static SerialContext Install()
    {
        var context = new SerialContext();
        SetSynchronizationContext(context);
        return context;
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            _ready.Enqueue((d, state));
            if (_isRunning)
                return;
            _isRunning = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(_ => RunAll(), null);
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("A test must not block.");

    /// <summary>Waits until only the caller is ready to run.</summary>
    /// <exception cref="InvalidOperationException">The caller does not run in this context, so a continuation may be running beside it.</exception>
    public async Task SettleAsync()
    {
        if (Current != this)
            throw new InvalidOperationException("The test does not run in the context. Create the instance in the test itself, not in an async method that it calls.");

        do
        {
            await Task.Yield();
        }
        while (HasReady());
    }

    private bool HasReady()
    {
        lock (_gate)
            return _ready.Count > 0;
    }

    private void RunAll()
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            while (true)
            {
                (SendOrPostCallback Callback, object? State) next;
                lock (_gate)
                {
                    if (!_ready.TryDequeue(out next))
                    {
                        _isRunning = false;
                        return;
                    }
                }

                next.Callback(next.State);
            }
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
