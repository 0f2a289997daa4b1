using Polly;
using Polly.Retry;

namespace Lookup.Functions.Resilience;

// The retries. StoreFailures determines which failures are retried.
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

    /// <summary>The attempts at a read whose first attempt has failed: first that failure again, then new attempts.</summary>
    private sealed class Attempts<T, TState>(
        StoreGuard guard,
        Exception first,
        Func<TState, CancellationToken, ValueTask<T>> read,
        TState state,
        TimeSpan began)
    {
        private Exception? _first = first;

        public ValueTask<T> NextAsync(CancellationToken cancellationToken) => Interlocked.Exchange(ref _first, null) is { } failure
            ? ValueTask.FromException<T>(failure)
            : guard.AttemptAsync(read, state, began, cancellationToken);
    }
}
