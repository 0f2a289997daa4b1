using System.Text.Json;
using Lookup.Domain.Stores;
using Lookup.Functions.Resilience;
using Lookup.Support;

namespace Lookup.Functions.Tests.Resilience;

public sealed class RetryTests
{
    [Theory]
    [InlineData(UserStoreFailure.Unavailable)]
    [InlineData(UserStoreFailure.Behind)]
    public async Task Transient_failure_is_retried(UserStoreFailure failure)
    {
        using var guarded = new Guarded();
        var read = guarded.ReadAsync();

        (await guarded.Store.NextAsync()).SetException(new UserStoreException(failure, "once"));
        (await guarded.NextAfterPauseAsync()).SetResult();

        Assert.Equal(GatedStore.NotFound, await read);
        Assert.Equal(1, guarded.State.Retries);
        Assert.Equal(0, guarded.State.InFlight);
    }

    [Theory]
    [InlineData(UserStoreFailure.Refused)]
    [InlineData(UserStoreFailure.Throttled)]
    [InlineData(UserStoreFailure.TimedOut)]
    public async Task Failure_that_is_not_transient_is_thrown_without_a_retry(UserStoreFailure failure)
    {
        using var guarded = new Guarded();

        await guarded.FailAsync(new UserStoreException(failure, "no"));

        Assert.Equal(1, guarded.Store.Reads);
        Assert.Equal(0, guarded.State.Retries);
    }

    [Fact]
    public async Task Unreadable_item_is_not_retried_and_does_not_open_the_circuit()
    {
        using var guarded = new Guarded();

        for (var i = 0; i < 20; i++)
            await guarded.FailAsync(new UserStoreException(UserStoreFailure.Unavailable, "item", new JsonException("no")));

        Assert.Equal(20, guarded.Store.Reads);
        Assert.Equal(CircuitState.Closed, guarded.State.Circuit);
    }

    [Fact]
    public async Task Last_failure_is_thrown_after_all_retries()
    {
        using var guarded = new Guarded(new StoreGuardOptions { Retries = 3 });
        var read = guarded.ReadAsync();

        (await guarded.Store.NextAsync()).SetException(new UserStoreException(UserStoreFailure.Unavailable, "failure 1"));
        for (var i = 2; i <= 4; i++)
            (await guarded.NextAfterPauseAsync()).SetException(new UserStoreException(UserStoreFailure.Unavailable, $"failure {i}"));

        var failure = await Assert.ThrowsAsync<UserStoreException>(() => read);
        Assert.Equal("failure 4", failure.Message);
        Assert.Equal(4, guarded.Store.Reads);
    }

    [Fact]
    public async Task Deadline_cancels_a_hung_read_and_a_pending_retry()
    {
        using var guarded = new Guarded();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2), guarded.Time);
        var hangs = guarded.ReadAsync(deadline.Token);
        await guarded.Store.NextAsync();
        var waits = guarded.ReadAsync(deadline.Token);
        (await guarded.Store.NextAsync()).SetException(Guarded.Unavailable);
        await Eventually.IsTrueAsync(() => guarded.State.Retries == 1, "the retry is pending");

        await deadline.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hangs);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        Assert.Equal(2, guarded.Store.Reads);
        Assert.Equal(0, guarded.State.InFlight);
    }

    [Fact]
    public async Task Pending_retry_does_not_hold_a_permit()
    {
        using var guarded = new Guarded(new StoreGuardOptions { Concurrency = 1, Queue = 0 });
        var first = guarded.ReadAsync();
        (await guarded.Store.NextAsync()).SetException(Guarded.Unavailable);
        await Eventually.IsTrueAsync(
            () => guarded.State is { Retries: 1, InFlight: 0 }, "the retry is pending");

        await guarded.SucceedAsync();
        (await guarded.NextAfterPauseAsync()).SetResult();

        Assert.Equal(GatedStore.NotFound, await first);
    }

    [Fact]
    public void Retry_delays_fit_into_any_deadline()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(100), new StoreGuardOptions { ReadDeadline = TimeSpan.FromSeconds(2) }.FirstPause);
        Assert.Equal(TimeSpan.FromMilliseconds(100), new StoreGuardOptions { ReadDeadline = TimeSpan.FromMinutes(1) }.FirstPause);
        Assert.Equal(TimeSpan.FromMilliseconds(10), new StoreGuardOptions { ReadDeadline = TimeSpan.FromMilliseconds(160) }.FirstPause);
    }
}
