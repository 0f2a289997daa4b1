using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Lookup.Domain.Caching.Flights;

/// <summary>One waiter of a flight. It waits until the flight completes or fails, or until its caller cancels.</summary>
/// <remarks>
/// <para>
/// The initiator's continuation runs inline on the thread that received the response, because a thread hop costs more than the rest of
/// the cache's work for a read. The thread belongs to the store client, and the continuation may occupy it for as long as if the caller
/// had read from the store directly. The initiator is therefore completed last: the entry is stored, the flight is detached, its places
/// are freed, its shared read is disposed of, no lock is held, and the other waiters are completed. The continuations of the other waiters
/// run on the thread pool.
/// </para>
/// <para>
/// If a caller has a <see cref="SynchronizationContext"/>, its continuation is always posted there and never runs inline.
/// </para>
/// </remarks>
internal sealed class FlightWaiter(Flight flight, bool isJoined) : IValueTaskSource<ReadOutcome>
{
    private ManualResetValueTaskSourceCore<ReadOutcome> _wait = new() { RunContinuationsAsynchronously = true };
    private int _hasEnded;

    public Flight Flight { get; } = flight;

    /// <summary>
    /// Gets a value that indicates whether the flight was started by another request. If not, the caller must start it.
    /// </summary>
    public bool IsJoined { get; } = isJoined;

    /// <summary>Gets a task for the end of the wait. It never fails, and it can be awaited only once.</summary>
    public ValueTask<ReadOutcome> Ended => new(this, _wait.Version);

    /// <summary>Ends the wait with the result of the flight.</summary>
    public void Complete(CompletedRead read)
    {
        if (!TryEnd())
            return;

        // If one continuation completes another read inline, the calls nest. Nesting is bounded, because between this call and the caller's
        // code are async methods of the cache, and those fall back to the thread pool when the stack is nearly exhausted.
        _wait.RunContinuationsAsynchronously = IsJoined;
        _wait.SetResult(new ReadOutcome(read, null));
    }

    /// <summary>
    /// Ends the wait with the failure of the flight or the cancellation of the caller. Latency is not critical here, and the current thread
    /// may be a timer thread.
    /// </summary>
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
            _wait.Reset(); // the flight can outlive this caller and must not keep a reference to its state
        }
    }

    ValueTaskSourceStatus IValueTaskSource<ReadOutcome>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<ReadOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private bool TryEnd() => Interlocked.Exchange(ref _hasEnded, 1) == 0;
}

/// <summary>
/// The outcome of a wait: a read or a failure. A failure is a value, because a batch can have a thousand waiters with the same failure.
/// </summary>
internal readonly record struct ReadOutcome(CompletedRead? Read, ExceptionDispatchInfo? Failure)
{
    /// <summary>Determines whether the wait ended because the caller canceled it.</summary>
    public bool IsCanceledBy(CancellationToken caller) =>
        Failure?.SourceException is OperationCanceledException && caller.IsCancellationRequested;
}
