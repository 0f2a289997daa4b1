using System.Threading.RateLimiting;
using Lookup.Domain.Stores;
using Polly;
using Polly.CircuitBreaker;

namespace Lookup.Functions.Resilience;

/// <summary>
/// Stands between the cache and the store. From outside in: the circuit, asked whether it is open; retries; the bulkhead with its
/// queue; the circuit breaker, which sees what came of each attempt. The deadline of the whole is in the token.
/// </summary>
/// <remarks>
/// <para>
/// The circuit is asked first so that nobody waits for a place behind reads that hang in an ill store. The breaker itself is
/// innermost, because it takes everything that is no failure for a success: reads that were refused by the bulkhead would tell it
/// that the store is well.
/// </para>
/// <para>
/// Each layer of a pipeline costs a read some microseconds on its way there and back. So a read goes through the breaker's only, and
/// through that of retries when its first attempt has failed in a way that may pass.
/// </para>
/// </remarks>
internal sealed partial class StoreGuard : IDisposable
{
    private static readonly TimeSpan Shortly = TimeSpan.FromSeconds(1);

    /// <summary>Between two log lines about shedding.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly StoreGuardOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<StoreGuard> _logger;
    private readonly ConcurrencyLimiter _bulkhead;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly ResiliencePipeline _breaker;
    private readonly ResiliencePipeline _retries;

    private long _openUntil;
    private long _shed;
    private long _refused;
    private long _refusedAtOpening;
    private long _retried;
    private long _opened;
    private long _toldOfShedding;
    private bool _isIll;

    public StoreGuard(StoreGuardOptions options, TimeProvider time, ILogger<StoreGuard> logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _toldOfShedding = long.MinValue;
        _bulkhead = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = options.Concurrency,
            QueueLimit = options.Queue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        var monotonic = new MonotonicTime(time);
        _breaker = new ResiliencePipelineBuilder { TimeProvider = monotonic }.AddCircuitBreaker(Breaker(options)).Build();
        _retries = new ResiliencePipelineBuilder { TimeProvider = monotonic }.AddRetry(Retry(options)).Build();
    }

    /// <summary>What it has done, and how it is at this moment.</summary>
    public StoreGuardState State
    {
        get
        {
            var bulkhead = _bulkhead.GetStatistics()!;
            return new StoreGuardState
            {
                Circuit = _circuit.CircuitState,
                InFlight = _options.Concurrency - bulkhead.CurrentAvailablePermits,
                Queued = bulkhead.CurrentQueuedCount,
                Shed = Interlocked.Read(ref _shed),
                Refused = Interlocked.Read(ref _refused),
                Retries = Interlocked.Read(ref _retried),
                Opened = Interlocked.Read(ref _opened),
            };
        }
    }

    /// <summary>Why a read would not be sent at this moment; it counts as refused. <see langword="null"/> where one would.</summary>
    public UserStoreException? Refuse() => IsOpen(out var wait) ? Refuse(wait, null) : null;

    /// <summary>Makes one read of the store.</summary>
    /// <exception cref="UserStoreException">The store could not answer, or was not asked.</exception>
    public async ValueTask<T> RunAsync<T, TState>(
        Func<TState, CancellationToken, ValueTask<T>> read,
        TState state,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (IsOpen(out var wait))
            throw Refuse(wait, null);

        try
        {
            Exception failure;
            try
            {
                return await AttemptAsync(read, state, cancellationToken);
            }
            catch (Exception e) when (IsToBeRetried(e, cancellationToken))
            {
                failure = e;
            }

            var attempts = new Attempts<T, TState>(this, failure, read, state);
            return await _retries.ExecuteAsync(static (all, token) => all.NextAsync(token), attempts, cancellationToken);
        }
        catch (BrokenCircuitException e)
        {
            IsOpen(out wait);
            throw Refuse(wait, e);
        }
    }

    public void Dispose() => _bulkhead.Dispose();

    private async ValueTask<T> AttemptAsync<T, TState>(
        Func<TState, CancellationToken, ValueTask<T>> read,
        TState state,
        CancellationToken cancellationToken)
    {
        using var place = await _bulkhead.AcquireAsync(1, cancellationToken);
        if (!place.IsAcquired)
            throw Shed();

        return await _breaker.ExecuteAsync(
            static (call, token) => call.guard.SendAsync(call.read, call.state, token), (guard: this, read, state), cancellationToken);
    }

    private async ValueTask<T> SendAsync<T, TState>(
        Func<TState, CancellationToken, ValueTask<T>> read,
        TState state,
        CancellationToken cancellationToken)
    {
        var sent = _time.GetTimestamp();
        try
        {
            return await read(state, cancellationToken);
        }
        catch (OperationCanceledException e) when (_time.GetElapsedTime(sent) >= _options.AbandonedAfter)
        {
            throw new ReadAbandonedException("The store had not answered yet.", e, cancellationToken);
        }
    }

    // Once the circuit is open the next attempt would be refused: what came of the last one says more.
    private bool IsToBeRetried(Exception? exception, CancellationToken cancellationToken) =>
        _options.Retries > 0
        && StoreFailures.MayPass(exception)
        && !cancellationToken.IsCancellationRequested
        && _circuit.CircuitState == CircuitState.Closed;

    private bool IsOpen(out TimeSpan wait)
    {
        wait = _options.Break;
        switch (_circuit.CircuitState)
        {
            case CircuitState.Closed:
                return false;
            case CircuitState.HalfOpen:
                return true; // one read is on its way to try
            default:
                wait = _time.GetElapsedTime(_time.GetTimestamp(), Interlocked.Read(ref _openUntil));
                return wait > TimeSpan.Zero;
        }
    }

    private UserStoreException Refuse(TimeSpan wait, Exception? inner)
    {
        Interlocked.Increment(ref _refused);
        return new UserStoreException(
            UserStoreFailure.Unavailable, "The store has failed too often of late: it is not asked before it was tried again.", inner)
        {
            IsRefusal = true,
            RetryAfter = wait,
        };
    }

    private UserStoreException Shed()
    {
        Interlocked.Increment(ref _shed);
        var told = Interlocked.Read(ref _toldOfShedding);
        var now = _time.GetTimestamp();
        if ((told == long.MinValue || _time.GetElapsedTime(told, now) >= Quiet)
            && Interlocked.CompareExchange(ref _toldOfShedding, now, told) == told)
        {
            StoreGuardLog.Shedding(_logger, _options.Concurrency, _options.Queue);
        }

        return new UserStoreException(
            UserStoreFailure.Overloaded,
            $"{_options.Concurrency} reads are with the store and {_options.Queue} wait, as many as Lookup__StoreConcurrency and Lookup__StoreQueue allow.")
        {
            RetryAfter = Shortly,
        };
    }

    // The breaker reports its changes one after the other.
    private void Opened(TimeSpan pause, string reason)
    {
        Interlocked.Exchange(ref _openUntil, _time.GetTimestamp() + (long)(pause.TotalSeconds * _time.TimestampFrequency));
        Interlocked.Increment(ref _opened);
        if (_isIll)
        {
            StoreGuardLog.StillOpen(_logger, reason);
            return;
        }

        _isIll = true;
        _refusedAtOpening = Interlocked.Read(ref _refused);
        StoreGuardLog.Opened(_logger, reason);
    }
}
