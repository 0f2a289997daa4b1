using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Lookup.Domain.Caching.Flights;

/// <summary>One who waits for a flight: until it has landed or failed, or until the caller gives up.</summary>
/// <remarks>
/// <para>
/// The caller who launched a flight is called on the thread that its answer came in on: handing the answer to another thread takes
/// longer than all else the cache does for a read. That thread belongs to whoever completes the store's reads, and the caller may keep
/// it for as long as it could have kept it by reading the store itself. So it is called last of all: when the entry is stored, the flight
/// detached and counted out, its sharedRead disposed of, no lock held, and everybody else on the way. All others are called by the thread pool.
/// </para>
/// <para>Where a caller has a <see cref="SynchronizationContext"/> it is always posted there, and nothing runs before the poster has gone on.</para>
/// </remarks>
internal sealed class FlightWaiter(Flight flight, bool isJoined) : IValueTaskSource<ReadOutcome>
{
    private ManualResetValueTaskSourceCore<ReadOutcome> _wait = new() { RunContinuationsAsynchronously = true };
    private int _hasEnded;

    public Flight Flight { get; } = flight;

    /// <summary>The flight is somebody else's; where not, this caller must launch it.</summary>
    public bool IsJoined { get; } = isJoined;

    /// <summary>Ends once, with what came of the flight or of the caller, and never throws; to be awaited once.</summary>
    public ValueTask<ReadOutcome> Ended => new(this, _wait.Version);

    /// <summary>The flight has landed.</summary>
    public void Complete(CompletedRead read)
    {
        if (!TryEnd())
            return;

        // Where one caller's going on ends another's read, calls nest. Not without end: between this call and the caller's code are tasks
        // of the cache's own methods, and a task goes on in the thread pool where the stack is nearly full.
        _wait.RunContinuationsAsynchronously = IsJoined;
        _wait.SetResult(new ReadOutcome(read, null));
    }

    /// <summary>The flight has failed, or the caller has given up. Nobody is in a hurry then, and the thread may be a timer's.</summary>
    public void Fail(ExceptionDispatchInfo failure)
    {
        if (TryEnd())
            _wait.SetResult(new ReadOutcome(null, failure));
    }

    ReadOutcome IValueTaskSource<ReadOutcome>.GetResult(short token)
    {
        try
        {
            return _wait.GetResult(token);
        }
        finally
        {
            _wait.Reset(); // the flight may go on without this caller, and must not keep what belongs to it
        }
    }

    ValueTaskSourceStatus IValueTaskSource<ReadOutcome>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<ReadOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private bool TryEnd() => Interlocked.Exchange(ref _hasEnded, 1) == 0;
}

/// <summary>The result that a waiter gets: a read or a failure. A failure is a value, because a batch may wait for it a thousand times.</summary>
internal readonly record struct ReadOutcome(CompletedRead? Read, ExceptionDispatchInfo? Failure)
{
    /// <summary>The wait ended because the caller canceled it.</summary>
    public bool IsCanceledBy(CancellationToken caller) =>
        Failure?.SourceException is OperationCanceledException && caller.IsCancellationRequested;
}
