namespace Lookup.Simulation.Engine;

/// <summary>A timer on the monotonic clock of a machine.</summary>
internal sealed class MachineTimer(Machine machine, TimerCallback callback, object? state) : ITimer
{
    private bool _isDisposed;

    /// <summary>Gets the time at which the timer fires, on the machine's monotonic clock.</summary>
    public long DueAt { get; private set; }

    public bool IsSet { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (period != Timeout.InfiniteTimeSpan)
            throw new NotSupportedException("Periodic timers are not supported; the period must be infinite.");
        if (_isDisposed)
            return false;

        if (dueTime == Timeout.InfiniteTimeSpan)
        {
            machine.Unset(this);
        }
        else
        {
            DueAt = machine.ReadMonotonic() + dueTime.Ticks;
            machine.Set(this);
        }

        return true;
    }

    public void Fire()
    {
        if (!_isDisposed)
            callback(state);
    }

    public void Dispose()
    {
        _isDisposed = true;
        machine.Unset(this);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
