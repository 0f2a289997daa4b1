namespace Lookup.Domain.Caching;

/// <summary>
/// A budget of bytes that are in flight: users that are being read, or that are held for responses. What does not fit waits, in order of
/// arrival, until bytes are given back.
/// </summary>
/// <remarks>
/// The sizes are estimates, which are corrected when the true sizes are known (<see cref="ByteLease.Resize"/>). An amount above the whole
/// budget is admitted when nothing else is in flight. This class is thread-safe.
/// </remarks>
public sealed class ByteBudget
{
    /// <summary>The maximum number of waiters. Further ones are rejected immediately.</summary>
    internal const int MaxWaiting = 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private readonly TimeSpan _maxWait;
    private readonly TimeProvider _time;
    private long _inUse;

    internal ByteBudget(long limit, TimeSpan maxWait, TimeProvider time)
    {
        Limit = limit;
        _maxWait = maxWait;
        _time = time;
    }

    /// <summary>Gets the size of the budget, in bytes.</summary>
    public long Limit { get; }

    /// <summary>Gets the bytes in use. They exceed <see cref="Limit"/> if sizes were underestimated.</summary>
    public long InUse => Volatile.Read(ref _inUse);

    /// <summary>Takes bytes, and waits for them if they do not fit.</summary>
    /// <param name="bytes">The bytes, by estimate; zero or more. Zero bytes always fit.</param>
    /// <param name="cancellationToken">A token that ends the wait.</param>
    /// <returns>
    /// The bytes, to be disposed of when they are no longer in flight, or <see langword="null"/> if too many others wait, or the wait took
    /// as long as the read deadline.
    /// </returns>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask<ByteLease?> TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            // A waiter is admitted before all later ones, even if one of them would fit now. Otherwise a large one might never be.
            if (bytes == 0 || (_waiting.Count == 0 && Fits_NeedsLock(bytes)))
            {
                _inUse += bytes;
                return new ValueTask<ByteLease?>(new ByteLease(this, bytes));
            }

            if (_waiting.Count == MaxWaiting)
                return default;

            waiter = new Waiter(this, bytes);
            _waiting.AddLast(waiter.Node);
        }

        return WaitAsync(waiter, cancellationToken);
    }

    internal void Change(long by)
    {
        lock (_gate)
        {
            _inUse += by;
            Admit_NeedsLock();
        }
    }

    private async ValueTask<ByteLease?> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_maxWait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var registration = either.Token.UnsafeRegister(static state => ((Waiter)state!).Leave(), waiter);
        if (await waiter.Admitted.Task)
            return new ByteLease(this, waiter.Bytes);

        cancellationToken.ThrowIfCancellationRequested();
        return null;
    }

    private void Leave(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Node.List is null)
                return; // it was admitted before the cancellation

            _waiting.Remove(waiter.Node);
            waiter.Admitted.SetResult(false);
            Admit_NeedsLock(); // the next one may fit where this one did not
        }
    }

    private void Admit_NeedsLock()
    {
        while (_waiting.First is { } first && Fits_NeedsLock(first.Value.Bytes))
        {
            _waiting.Remove(first);
            _inUse += first.Value.Bytes;
            first.Value.Admitted.SetResult(true);
        }
    }

    private bool Fits_NeedsLock(long bytes) => _inUse <= 0 || _inUse + bytes <= Limit;

    private sealed class Waiter
    {
        private readonly ByteBudget _budget;

        public Waiter(ByteBudget budget, long bytes)
        {
            _budget = budget;
            Bytes = bytes;
            Node = new LinkedListNode<Waiter>(this);
        }

        public long Bytes { get; }

        public LinkedListNode<Waiter> Node { get; }

        /// <summary>Gets the source of the result, which is set under the lock. Continuations therefore never run inline.</summary>
        public TaskCompletionSource<bool> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Leave() => _budget.Leave(this);
    }
}

/// <summary>Bytes that were taken from a <see cref="ByteBudget"/>. Disposing gives them back. Not thread-safe.</summary>
public sealed class ByteLease : IDisposable
{
    private readonly ByteBudget _budget;
    private bool _isDisposed;

    internal ByteLease(ByteBudget budget, long bytes)
    {
        _budget = budget;
        Bytes = bytes;
    }

    /// <summary>Gets the number of bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>
    /// Replaces the estimate by the true size. If it is larger, the budget can be exceeded, because the bytes are already in use; nothing
    /// else is admitted until it is no longer.
    /// </summary>
    public void Resize(long bytes)
    {
        if (_isDisposed || bytes == Bytes)
            return;

        var by = bytes - Bytes;
        Bytes = bytes;
        _budget.Change(by);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Resize(0);
        _isDisposed = true;
    }
}
