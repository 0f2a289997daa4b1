using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Resilience;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Functions.Tests.Resilience;

/// <summary>
/// Reads that arrive at a steady rate at a guarded store, on one thread and by a clock that advances in steps, so that each run of a test is the same.
/// </summary>
internal sealed class StoreTraffic : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(0.5);

    private readonly FakeTimeProvider _time = new();
    private readonly Turns _turns = new();
    private readonly StoreGuardOptions _options;
    private readonly StoreGuard _guard;
    private readonly GuardedUserStore _front;
    private readonly TimeSpan _betweenReads;
    private int _read;

    public StoreTraffic(double readsPerSecond, StoreGuardOptions options)
    {
        _options = options;
        _betweenReads = TimeSpan.FromSeconds(1 / readsPerSecond);
        _guard = new StoreGuard(options, _time, NullLogger<StoreGuard>.Instance);
        _front = new GuardedUserStore(new TimedStore(this), _guard);
    }

    /// <summary>Gets or sets the time after which the store responds to the n-th read that it receives; <see langword="null"/> if it never does.</summary>
    public required Func<int, TimeSpan?> Latency { get; set; }

    /// <summary>Gets or sets the time after which the caller of the n-th read cancels it; <see langword="null"/> if it waits until the deadline.</summary>
    public Func<int, TimeSpan?> Patience { get; set; } = static _ => null;

    public StoreGuardState State => _guard.State;

    /// <summary>Lets reads arrive for some time, or until the circuit opens.</summary>
    /// <returns>The time for which reads arrived.</returns>
    public TimeSpan Run(TimeSpan period)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_turns);
        try
        {
            var next = TimeSpan.Zero;
            for (var elapsed = TimeSpan.Zero; elapsed < period; elapsed += Step)
            {
                if (_guard.State.Opened > 0)
                    return elapsed;
                for (; next <= elapsed; next += _betweenReads)
                    _ = ReadAsync(_read++);
                _turns.RunAll();
                _time.Advance(Step);
                _turns.RunAll();
            }

            return period;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    public void Dispose() => _guard.Dispose();

    private async Task ReadAsync(int number)
    {
        using var end = new CancellationTokenSource(Patience(number) is { } patience && patience < _options.ReadDeadline ? patience : _options.ReadDeadline, _time);
        try
        {
            await _front.ReadAsync(UserKey.Create("ada"), null, end.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or UserStoreException)
        {
            // The state of the guard is examined instead.
        }
    }

    /// <summary>A store that responds after the given time, by the clock of the test.</summary>
    private sealed class TimedStore(StoreTraffic traffic) : IUserStore
    {
        private int _received;

        public async ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
        {
            await Task.Delay(traffic.Latency(_received++) ?? Timeout.InfiniteTimeSpan, traffic._time, cancellationToken);
            return GatedStore.NotFound;
        }

        public ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    /// <summary>A context that keeps continuations until the test runs them.</summary>
    private sealed class Turns : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();

        public override void Post(SendOrPostCallback d, object? state) => _ready.Enqueue((d, state));

        public void RunAll()
        {
            while (_ready.TryDequeue(out var turn))
                turn.Callback(turn.State);
        }
    }
}
