using System.Threading.RateLimiting;
using Lookup.Domain.Stores;
using Polly;
using Polly.CircuitBreaker;

namespace Lookup.Functions.Resilience;

/// <summary>
/// The resilience pipeline in front of the store. From the outside in: a circuit check, retries, a bulkhead with a queue, and a circuit
/// breaker that observes each attempt. The caller's token contains the deadline for all of it.
/// </summary>
/// <remarks>
/// <para>
/// The circuit is checked first so that no read queues for a place behind reads that hang in an unhealthy store. The breaker itself is
/// innermost, because it counts everything that is not a failure as a success: reads that the bulkhead rejects would count as successes.
/// </para>
/// <para>
/// Each layer of a pipeline adds some microseconds to a read. A read therefore passes only the breaker's pipeline, and the pipeline of
/// the retries only after its first attempt has failed with a transient failure.
/// </para>
/// </remarks>
internal sealed partial class StoreGuard : IDisposable
{
    /// <summary>The <c>Retry-After</c> of a shed read.</summary>
    private static readonly TimeSpan ShedRetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>The minimum interval between two log entries about shedding.</summary>
    private static readonly TimeSpan SheddingLogInterval = TimeSpan.FromSeconds(10);

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
    private long _sheddingLoggedAt;
    private bool _isUnhealthy;

    public StoreGuard(StoreGuardOptions options, TimeProvider time, ILogger<StoreGuard> logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _sheddingLoggedAt = long.MinValue;
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

    /// <summary>Gets the current state and counters.</summary>
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

    /// <summary>Checks whether a read would currently be rejected by the circuit, and if so, counts one rejection.</summary>
    /// <returns>The exception with the reason, or <see langword="null"/> if a read would be sent.</returns>
    public UserStoreException? Refuse() => IsOpen(out var wait) ? Refuse(wait, null) : null;

    /// <summary>Sends one read to the store.</summary>
    /// <exception cref="UserStoreException">The read failed, or was rejected without being sent.</exception>
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
            throw new ReadAbandonedException("The read was canceled before the store responded.", e, cancellationToken);
        }
    }

    // If the circuit is open, another attempt would be rejected. The failure of the last attempt is more informative than that rejection.
    private bool IsToBeRetried(Exception? exception, CancellationToken cancellationToken) =>
        _options.Retries > 0
        && StoreFailures.IsTransient(exception)
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
                return true; // the probe is in flight
            default:
                wait = _time.GetElapsedTime(_time.GetTimestamp(), Interlocked.Read(ref _openUntil));
                return wait > TimeSpan.Zero;
        }
    }

    private UserStoreException Refuse(TimeSpan wait, Exception? inner)
    {
        Interlocked.Increment(ref _refused);
        return new UserStoreException(
            UserStoreFailure.Unavailable, "The circuit is open because of recent store failures; no read is sent until a probe succeeds.", inner)
        {
            IsRefusal = true,
            RetryAfter = wait,
        };
    }

    private UserStoreException Shed()
    {
        Interlocked.Increment(ref _shed);
        var loggedAt = Interlocked.Read(ref _sheddingLoggedAt);
        var now = _time.GetTimestamp();
        if ((loggedAt == long.MinValue || _time.GetElapsedTime(loggedAt, now) >= SheddingLogInterval)
            && Interlocked.CompareExchange(ref _sheddingLoggedAt, now, loggedAt) == loggedAt)
        {
            StoreGuardLog.Shedding(_logger, _options.Concurrency, _options.Queue);
        }

        return new UserStoreException(
            UserStoreFailure.Overloaded,
            $"{_options.Concurrency} reads are in flight and {_options.Queue} are queued, the limits of Lookup__StoreConcurrency and Lookup__StoreQueue.")
        {
            RetryAfter = ShedRetryAfter,
        };
    }

    // The breaker reports its transitions one at a time.
    private void Opened(TimeSpan pause, string reason)
    {
        Interlocked.Exchange(ref _openUntil, _time.GetTimestamp() + (long)(pause.TotalSeconds * _time.TimestampFrequency));
        Interlocked.Increment(ref _opened);
        if (_isUnhealthy)
        {
            StoreGuardLog.StillOpen(_logger, reason);
            return;
        }

        _isUnhealthy = true;
        _refusedAtOpening = Interlocked.Read(ref _refused);
        StoreGuardLog.Opened(_logger, reason);
    }
}
