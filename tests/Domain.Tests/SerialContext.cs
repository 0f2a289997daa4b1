namespace Lookup.Domain.Tests;

/// <summary>
/// Runs one continuation at a time, in the order they became ready: so a test knows when everything that could happen has happened.
/// </summary>
internal sealed class SerialContext : SynchronizationContext
{
    private readonly Lock _gate = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private bool _isRunning;

    /// <summary>From here on the calling test, and all that it starts, runs in a context of its own.</summary>
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

    /// <summary>Ends when nothing is ready to run but the caller.</summary>
    public async Task SettleAsync()
    {
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
