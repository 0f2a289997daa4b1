using System.Threading.RateLimiting;
using Lookup.Domain.Stores;
using Polly;

namespace Lookup.Functions.Resilience;

/// <summary>
/// The resilience pipeline in front of the store. From the outside in: a circuit check, retries, a bulkhead with a queue, and the
/// <see cref="Circuit"/>, which observes each attempt. The caller's token contains the deadline for all of it.
/// </summary>
/// <remarks>
/// <para>
/// The circuit is checked first so that no read queues for a place behind reads that hang in an unhealthy store. It observes calls
/// innermost, because a read that the bulkhead rejects, or that is canceled in the queue, shows nothing about the store.
/// </para>
/// <para>
/// Each layer of a pipeline adds some microseconds to a read. A read therefore passes the pipeline of the retries only after its first
/// attempt has failed with a transient failure.
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
    private readonly Circuit _circuit;
    private readonly ResiliencePipeline _retries;

    private long _shed;
    private long _retried;
    private long _sheddingLoggedAt;

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
        _circuit = new Circuit(options, time, logger);
        _retries = new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(Retry(options)).Build();
    }

    /// <summary>Gets the current state and counters.</summary>
    public StoreGuardState State
    {
        get
        {
            var bulkhead = _bulkhead.GetStatistics()!;
            return new StoreGuardState
            {
                Circuit = _circuit.State,
                InFlight = _options.Concurrency - bulkhead.CurrentAvailablePermits,
                Queued = bulkhead.CurrentQueuedCount,
                Shed = Interlocked.Read(ref _shed),
                Refused = _circuit.Refused,
                Retries = Interlocked.Read(ref _retried),
                Opened = _circuit.Opened,
            };
        }
    }

    /// <summary>Checks whether a read would currently be rejected by the circuit, and if so, counts one rejection.</summary>
    /// <returns>The exception with the reason, or <see langword="null"/> if a read would be sent.</returns>
    public UserStoreException? Refuse() => _circuit.Refuse();

    /// <summary>Notes that the store has responded with a part of a result, while the call continues.</summary>
    public void NoteResponse() => _circuit.RespondedInPart();

    /// <summary>Sends one read to the store.</summary>
    /// <exception cref="UserStoreException">The read failed, or was rejected without being sent.</exception>
    public async ValueTask<T> RunAsync<T, TState>(
        Func<TState, CancellationToken, ValueTask<T>> read,
        TState state,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_circuit.Refuse() is { } refusal)
            throw refusal;

        var began = _circuit.Now;
        Exception failure;
        try
        {
            return await AttemptAsync(read, state, began, cancellationToken);
        }
        catch (Exception e) when (IsToBeRetried(e, cancellationToken))
        {
            failure = e;
        }

        var attempts = new Attempts<T, TState>(this, failure, read, state, began);
        return await _retries.ExecuteAsync(static (all, token) => all.NextAsync(token), attempts, cancellationToken);
    }

    public void Dispose() => _bulkhead.Dispose();

    private async ValueTask<T> AttemptAsync<T, TState>(
        Func<TState, CancellationToken, ValueTask<T>> read,
        TState state,
        TimeSpan began,
        CancellationToken cancellationToken)
    {
        using var place = await _bulkhead.AcquireAsync(1, cancellationToken);
        if (!place.IsAcquired)
            throw Shed();

        var call = _circuit.Enter(began);
        if (call.IsProbe)
            return await ProbeAsync(read, state, call, cancellationToken);

        try
        {
            var result = await read(state, cancellationToken);
            _circuit.Responded(call);
            return result;
        }
        catch (Exception e)
        {
            Observe(call, e);
            throw;
        }
    }

    /// <summary>Sends the probe of an open circuit, with a deadline of its own.</summary>
    /// <remarks>
    /// Its caller waits for a store that responds as usual, but not for one that still hangs: it is then rejected like all others, and can be
    /// served a stale result at once. Until the probe ends, it has no place in the bulkhead. No other read is sent meanwhile.
    /// </remarks>
    private async ValueTask<T> ProbeAsync<T, TState>(
        Func<TState, CancellationToken, ValueTask<T>> read,
        TState state,
        CircuitCall call,
        CancellationToken cancellationToken)
    {
        var probe = SendAsync();
        _ = EndAsync(probe);
        try
        {
            return await probe.WaitAsync(_options.ProbePatience, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return probe.IsCompleted ? await probe : throw _circuit.RefuseDuringProbe();
        }

        async Task<T> SendAsync()
        {
            using var deadline = new CancellationTokenSource(_options.ReadDeadline, _time);
            try
            {
                var result = await read(state, deadline.Token);
                _circuit.Responded(call);
                return result;
            }
            catch (Exception e)
            {
                Observe(call, e);
                throw;
            }
        }
    }

    /// <summary>Observes the failure of a probe that nobody waits for.</summary>
    private static async Task EndAsync(Task probe) => await probe.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Observe(in CircuitCall call, Exception exception)
    {
        if (exception is OperationCanceledException)
            _circuit.Canceled(call);
        else if (StoreFailures.CountsTowardCircuit(exception))
            _circuit.Failed(call, exception.Message);
        else
            _circuit.Responded(call);
    }

    // If the circuit is open, another attempt would be rejected. The failure of the last attempt is more informative than that rejection.
    private bool IsToBeRetried(Exception? exception, CancellationToken cancellationToken) =>
        _options.Retries > 0
        && StoreFailures.IsTransient(exception)
        && !cancellationToken.IsCancellationRequested
        && _circuit.State == CircuitState.Closed;

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
}
