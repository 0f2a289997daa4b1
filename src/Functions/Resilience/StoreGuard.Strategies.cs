using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace Lookup.Functions.Resilience;

// The configuration of Polly's strategies. StoreFailures determines which failures are retried, and which count toward opening the circuit.
internal sealed partial class StoreGuard
{
    private RetryStrategyOptions Retry(StoreGuardOptions options) => new()
    {
        MaxRetryAttempts = Math.Max(1, options.Retries),
        Delay = options.FirstPause,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,

        ShouldHandle = arguments => ValueTask.FromResult(IsToBeRetried(arguments.Outcome.Exception, arguments.Context.CancellationToken)),
        OnRetry = _ =>
        {
            Interlocked.Increment(ref _retried);
            return ValueTask.CompletedTask;
        },
    };

    private CircuitBreakerStrategyOptions Breaker(StoreGuardOptions options) => new()
    {
        FailureRatio = options.FailureRatio,
        MinimumThroughput = options.FewestAttempts,
        SamplingDuration = options.Window,
        BreakDuration = options.Break,
        StateProvider = _circuit,

        // In the half-open state, every outcome that is not a failure closes the circuit. A canceled probe must not close it.
        ShouldHandle = arguments => ValueTask.FromResult(
            StoreFailures.CountsTowardCircuit(arguments.Outcome.Exception)
            || (arguments.Outcome.Exception is OperationCanceledException && _circuit.CircuitState == CircuitState.HalfOpen)),
        OnOpened = arguments =>
        {
            Opened(arguments.BreakDuration, arguments.Outcome.Exception?.Message ?? "");
            return ValueTask.CompletedTask;
        },
        OnHalfOpened = _ =>
        {
            StoreGuardLog.HalfOpened(_logger);
            return ValueTask.CompletedTask;
        },
        OnClosed = _ =>
        {
            _isUnhealthy = false;
            StoreGuardLog.Closed(_logger, Interlocked.Read(ref _refused) - _refusedAtOpening);
            return ValueTask.CompletedTask;
        },
    };

    /// <summary>The attempts at a read whose first attempt has failed: first that failure again, then new attempts.</summary>
    private sealed class Attempts<T, TState>(
        StoreGuard guard,
        Exception first,
        Func<TState, CancellationToken, ValueTask<T>> read,
        TState state)
    {
        private Exception? _first = first;

        public ValueTask<T> NextAsync(CancellationToken cancellationToken) => Interlocked.Exchange(ref _first, null) is { } failure
            ? ValueTask.FromException<T>(failure)
            : guard.AttemptAsync(read, state, cancellationToken);
    }
}
