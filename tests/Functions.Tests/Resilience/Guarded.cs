using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Resilience;
using Lookup.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Functions.Tests.Resilience;

/// <summary>A gated store behind its guard, with a clock that the test controls.</summary>
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

    /// <summary>Reads a user. A read that hangs fails the test.</summary>
    public Task<StoreRead> ReadAsync(CancellationToken? token = null) =>
        Eventually.EndsAsync(Front.ReadAsync(UserKey.Create("ada"), null, token ?? Cancel.Token).AsTask(), "the read ends");

    /// <summary>Reads a user, fails the read in the store, and asserts that the same exception is thrown.</summary>
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

    /// <summary>Reads a user and asserts that the read is rejected without reaching the store.</summary>
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

    /// <summary>Advances the time in steps until a pending retry has reached the store.</summary>
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
            "the read is retried");
        return await next;
    }

    public void Dispose() => Guard.Dispose();

    /// <summary>A clock whose wall time can be set back while its monotonic time continues.</summary>
    internal sealed class SettableTime : FakeTimeProvider
    {
        private TimeSpan _offset;

        public void SetBack(TimeSpan by) => _offset -= by;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _offset;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
