using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Support;

#pragma warning disable xUnit1051 // some of these tests are about a token that cannot be canceled, or about their own token

namespace Lookup.Domain.Tests.Caching.Flights;

/// <summary>Tests when, and on which thread, the waiters of a read continue. Uses real threads.</summary>
public sealed class FlightWaiterTests : IDisposable
{
    private readonly GatedStore _store = new();
    private readonly UserCache _cache;
    private readonly CancellationTokenSource _caller = CancellationTokenSource.CreateLinkedTokenSource(Token);

    public FlightWaiterTests() =>
        _cache = new UserCache(
            _store,
            new FreshnessTracker(TimeProvider.System),
            Options,
            TimeProvider.System,
            MemoryBudget.FromTotal(Options.SizeBytes) with { InitialUserBytes = 64 }); // many reads are in flight before the first one completes

    public void Dispose()
    {
        _cache.Dispose();
        _caller.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Initiator_continues_on_the_completing_thread_after_the_flight_has_ended(bool canCancel)
    {
        LeaveContext();
        var caller = CallAsync();
        _store.Complete("u1");

        Assert.True(caller.IsCompletedSuccessfully, "The caller did not continue on the store's thread.");

        async Task CallAsync()
        {
            await GetAsync("u1", canCancel ? _caller.Token : CancellationToken.None);
            var statistics = _cache.GetStatistics();
            Assert.Equal((1, 0), (statistics.Entries, statistics.Flights));
            Assert.Throws<ObjectDisposedException>(() => _store.Token.WaitHandle);
            Assert.True(GetAsync("u1").IsCompletedSuccessfully);
        }
    }

    [Fact]
    public void Initiator_of_a_batch_continues_on_the_completing_thread_after_its_flights_ended()
    {
        LeaveContext();
        var caller = CallAsync();
        _store.Complete("many");

        Assert.True(caller.IsCompletedSuccessfully, "The caller did not continue on the store's thread.");

        async Task CallAsync()
        {
            await _cache.GetManyAsync([UserKey.Create("u1"), UserKey.Create("u2")], default, CancellationToken.None);
            var statistics = _cache.GetStatistics();
            Assert.Equal((2, 0), (statistics.Entries, statistics.Flights));
        }
    }

    [Fact]
    public async Task Blocking_continuation_does_not_delay_other_waiters()
    {
        LeaveContext();
        using var gate = new ManualResetEventSlim();
        Task[] blocked = [BlockAsync(GetAsync("u1"), gate), BlockAsync(GetAsync("u1"), gate)];
        Task<LookupResult>[] joined = [GetAsync("u1"), GetAsync("u1", _caller.Token)];
        var completing = RunOnThread(() => _store.Complete("u1"));

        foreach (var result in await Eventually.EndsAsync(Task.WhenAll(joined), "the joined callers continue"))
            Assert.True(result.IsCollapsed);
        await RunOnThread(() => _cache.Evict(new UserChange(UserKey.Create("u1"), 2, []), EvictionSource.Follower));
        var later = GetAsync("u1");
        await RunOnThread(() => _store.Complete("u1", version: 2));
        Assert.Equal(2, (await Eventually.EndsAsync(later, "the later caller continues")).Version());
        Assert.DoesNotContain(blocked, caller => caller.IsCompleted);

        gate.Set();
        await completing;
        await Task.WhenAll(blocked);
    }

    [Fact]
    public async Task Initiator_can_evict_and_look_up_again_in_its_continuation()
    {
        LeaveContext();
        var caller = CallAsync();
        _store.Complete("u1", version: 1);
        _store.Complete("u1", version: 2);

        Assert.True(caller.IsCompletedSuccessfully);
        Assert.Equal(2, (await caller).Version());
        Assert.Equal(2, _store.Reads);

        async Task<LookupResult> CallAsync()
        {
            Assert.Equal(1, (await GetAsync("u1")).Version());
            _cache.Evict(new UserChange(UserKey.Create("u1"), 2, []), EvictionSource.Follower);
            return await GetAsync("u1");
        }
    }

    [Fact]
    public async Task Nested_completions_do_not_exhaust_the_stack()
    {
        const int Users = 20_000;
        LeaveContext();
        var callers = Enumerable.Range(0, Users).Select(CallAsync).ToList();
        await RunOnThread(() => _store.Complete("0"));
        await Eventually.EndsAsync(Task.WhenAll(callers), "all flights are completed");

        async Task CallAsync(int user)
        {
            await GetAsync($"{user}");
            if (user < Users - 1)
                _store.Complete($"{user + 1}");
        }
    }

    [Fact]
    public async Task Waiter_that_is_canceled_or_failed_continues_on_another_thread()
    {
        LeaveContext();
        using var gate = new ManualResetEventSlim();
        var canceled = BlockAsync(GetAsync("u1", _caller.Token), gate);
        var failed = BlockAsync(GetAsync("u2"), gate);

        await RunOnThread(_caller.Cancel);
        await RunOnThread(() => _store.Fail("u2", new UserStoreException(UserStoreFailure.Unavailable, "503")));

        gate.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
        await Assert.ThrowsAsync<UserStoreException>(() => failed);
    }

    [Fact]
    public void Waiter_with_a_context_is_posted_there_and_others_may_run_before_it()
    {
        var context = new StepContext();
        SynchronizationContext.SetSynchronizationContext(context);
        var caller = GetAsync("u1", _caller.Token);
        _store.Complete("u1");
        while (_cache.GetStatistics().Entries == 0)
            context.Step();

        Assert.False(caller.IsCompleted, "The completion ran the caller inline.");
        _cache.Clear();
        while (!caller.IsCompleted)
            context.Step();
        Assert.True(caller.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Concurrent_completion_and_cancellation_end_in_one_of_the_two()
    {
        LeaveContext();
        for (var round = 0; round < 2000; round++)
        {
            using var cancellation = new CancellationTokenSource();
            using var start = new Barrier(2);
            var caller = GetAsync("u1", cancellation.Token);
            var canceling = RunOnThread(() =>
            {
                start.SignalAndWait();
                cancellation.Cancel();
            });
            start.SignalAndWait();
            _store.Complete("u1");
            await canceling;
            try
            {
                Assert.Equal(1, (await Eventually.EndsAsync(caller, "the caller completes or is canceled")).Version());
            }
            catch (OperationCanceledException e)
            {
                Assert.Equal(cancellation.Token, e.CancellationToken);
            }

            Assert.Equal(0, _cache.GetStatistics().Flights);
            _cache.Clear();
        }
    }

    private static UserCacheOptions Options => new() { SizeBytes = 1L << 31, ReadDeadline = TimeSpan.FromMinutes(1) };

    private Task<LookupResult> GetAsync(string id) => GetAsync(id, CancellationToken.None);

    private async Task<LookupResult> GetAsync(string id, CancellationToken cancellationToken) =>
        await _cache.GetAsync(UserKey.Create(id), default, cancellationToken);

    private static async Task BlockAsync(Task<LookupResult> lookup, ManualResetEventSlim gate)
    {
        try
        {
            await lookup;
        }
        finally
        {
            gate.Wait(Token);
        }
    }

    /// <summary>Removes the synchronization context, because requests of the service have none.</summary>
    private static void LeaveContext() => SynchronizationContext.SetSynchronizationContext(null);

    private static Task RunOnThread(Action action) =>
        Eventually.EndsAsync(
            Task.Factory.StartNew(action, Token, TaskCreationOptions.LongRunning, TaskScheduler.Default), "the action on a separate thread ends");

    /// <summary>A context that runs posted work when the test calls <see cref="Step"/>.</summary>
    private sealed class StepContext : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();

        public override void Post(SendOrPostCallback d, object? state) => _ready.Enqueue((d, state));

        public void Step()
        {
            var (callback, state) = _ready.Dequeue();
            callback(state);
        }
    }
}
