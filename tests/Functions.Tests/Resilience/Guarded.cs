using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Resilience;
using Lookup.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Polly.CircuitBreaker;

namespace Lookup.Functions.Tests.Resilience;

/// <summary>A held store behind its guard, with a clock that the test moves.</summary>
internal sealed class Guarded : IDisposable
{
    public static readonly UserStoreException Unavailable = new(UserStoreFailure.Unavailable, "503");

    public Guarded(StoreGuardOptions? options = null)
    {
        Guard = new StoreGuard(options ?? new StoreGuardOptions(), Time, NullLogger<StoreGuard>.Instance);
        Front = new GuardedUserStore(Store, Guard);
    }

    public GatedStore Store { get; } = new();

    public StoreGuard Guard { get; }

    public GuardedUserStore Front { get; }

    public StoreGuardState State => Guard.State;

    public SettableTime Time { get; } = new();

    /// <summary>A read; one that hangs fails its test.</summary>
    public Task<StoreRead> ReadAsync(CancellationToken? token = null) =>
        Eventually.EndsAsync(Front.ReadAsync(UserKey.Create("ada"), null, token ?? Cancel.Token).AsTask(), "the read ends");

    /// <summary>A read that the store fails with the given exception, and that fails with it.</summary>
    public async Task FailAsync(Exception exception)
    {
        var read = ReadAsync();
        (await Store.NextAsync()).SetException(exception);
        Assert.Same(exception, await Assert.ThrowsAnyAsync<Exception>(() => read));
    }

    public async Task SucceedAsync()
    {
        var read = ReadAsync();
        (await Store.NextAsync()).SetResult();
        await read;
    }

    /// <summary>A read that is refused without reaching the store.</summary>
    public async Task<UserStoreException> BeRefusedAsync(UserStoreFailure failure)
    {
        var before = Store.Reads;
        var refusal = await Assert.ThrowsAsync<UserStoreException>(() => ReadAsync());
        Assert.Equal(failure, refusal.Failure);
        Assert.Equal(before, Store.Reads);
        return refusal;
    }

    public async Task OpenAsync()
    {
        while (State.Circuit == CircuitState.Closed)
            await FailAsync(Unavailable);
    }

    /// <summary>Lets time pass, in steps, until a read that waits to be tried again has reached the store.</summary>
    public async Task<TaskCompletionSource> NextAfterPauseAsync(double stepInMilliseconds = 100)
    {
        var next = Store.NextAsync();
        await Eventually.IsTrueAsync(
            () =>
            {
                if (!next.IsCompleted)
                    Time.Advance(TimeSpan.FromMilliseconds(stepInMilliseconds));
                return next.IsCompleted;
            },
            "it is tried again");
        return await next;
    }

    public void Dispose() => Guard.Dispose();

    /// <summary>A clock whose wall time can be set while its monotonic time goes on.</summary>
    internal sealed class SettableTime : FakeTimeProvider
    {
        private TimeSpan _offset;

        public void SetBack(TimeSpan by) => _offset -= by;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _offset;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
