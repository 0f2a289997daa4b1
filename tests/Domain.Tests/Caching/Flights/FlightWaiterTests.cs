using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Support;

#pragma warning disable xUnit1051 // a token that cannot be cancelled, or the test's own, is what some of these are about

namespace Lookup.Domain.Tests.Caching.Flights;

/// <summary>Where and when those who wait for a read go on, on real threads.</summary>
public sealed class FlightWaiterTests : IDisposable
{
    private readonly GatedStore _store = new();
    private readonly UserCache _cache;
    private readonly CancellationTokenSource _caller = CancellationTokenSource.CreateLinkedTokenSource(Token);

    public FlightWaiterTests() =>
        _cache = new UserCache(_store, new FreshnessTracker(TimeProvider.System), Options, TimeProvider.System);

    public void Dispose()
    {
        _cache.Dispose();
        _caller.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Launcher_goes_on_where_the_answer_came_in_and_finds_everything_done(bool canGiveUp)
    {
        LeaveContext();
        var caller = CallAsync();
        _store.Answer("u1");

        Assert.True(caller.IsCompletedSuccessfully, "the caller goes on before the store's thread does anything else");

        async Task CallAsync()
        {
            await GetAsync("u1", canGiveUp ? _caller.Token : CancellationToken.None);
            var statistics = _cache.GetStatistics();
            Assert.Equal((1, 0), (statistics.Entries, statistics.Flights));
            Assert.Throws<ObjectDisposedException>(() => _store.Token.WaitHandle);
            Assert.True(GetAsync("u1").IsCompletedSuccessfully);
        }
    }

    [Fact]
    public void Launcher_of_many_goes_on_where_the_answer_came_in_and_finds_everything_done()
    {
        LeaveContext();
        var caller = CallAsync();
        _store.Answer("many");

        Assert.True(caller.IsCompletedSuccessfully, "the caller goes on before the store's thread does anything else");

        async Task CallAsync()
        {
            await _cache.GetManyAsync([UserKey.Create("u1"), UserKey.Create("u2")], default, CancellationToken.None);
            var statistics = _cache.GetStatistics();
            Assert.Equal((2, 0), (statistics.Entries, statistics.Flights));
        }
    }

    [Fact]
    public async Task Callers_that_block_where_they_go_on_hold_up_nobody_else()
    {
        LeaveContext();
        using var gate = new ManualResetEventSlim();
        Task[] blocked = [BlockAsync(GetAsync("u1"), gate), BlockAsync(GetAsync("u1"), gate)];
        Task<LookupResult>[] joined = [GetAsync("u1"), GetAsync("u1", _caller.Token)];
        var answering = Apart(() => _store.Answer("u1"));

        foreach (var answer in await Eventually.EndsAsync(Task.WhenAll(joined), "the callers that joined go on"))
            Assert.True(answer.IsCollapsed);
        await Apart(() => _cache.Evict(new UserChange(UserKey.Create("u1"), 2, []), EvictionSource.Follower));
        var later = GetAsync("u1");
        await Apart(() => _store.Answer("u1", version: 2));
        Assert.Equal(2, (await Eventually.EndsAsync(later, "the later caller goes on")).Version());
        Assert.DoesNotContain(blocked, caller => caller.IsCompleted);

        gate.Set();
        await answering;
        await Task.WhenAll(blocked);
    }

    [Fact]
    public async Task Launcher_may_evict_the_user_and_ask_again_where_it_goes_on()
    {
        LeaveContext();
        var caller = CallAsync();
        _store.Answer("u1", version: 1);
        _store.Answer("u1", version: 2);

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
    public async Task Landings_nested_in_one_another_do_not_exhaust_the_stack()
    {
        const int Users = 20_000;
        LeaveContext();
        var callers = Enumerable.Range(0, Users).Select(CallAsync).ToList();
        await Apart(() => _store.Answer("0"));
        await Eventually.EndsAsync(Task.WhenAll(callers), "all landings are done");

        async Task CallAsync(int user)
        {
            await GetAsync($"{user}");
            if (user < Users - 1)
                _store.Answer($"{user + 1}");
        }
    }

    [Fact]
    public async Task Caller_that_gives_up_or_is_failed_goes_on_apart_from_who_made_it()
    {
        LeaveContext();
        using var gate = new ManualResetEventSlim();
        var givingUp = BlockAsync(GetAsync("u1", _caller.Token), gate);
        var failed = BlockAsync(GetAsync("u2"), gate);

        await Apart(_caller.Cancel);
        await Apart(() => _store.Fail("u2", new UserStoreException(UserStoreFailure.Unavailable, "503")));

        gate.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givingUp);
        await Assert.ThrowsAsync<UserStoreException>(() => failed);
    }

    [Fact]
    public void Caller_with_a_context_is_posted_there_and_others_may_run_before_it()
    {
        var context = new StepContext();
        SynchronizationContext.SetSynchronizationContext(context);
        var caller = GetAsync("u1", _caller.Token);
        _store.Answer("u1");
        while (_cache.GetStatistics().Entries == 0)
            context.Step();

        Assert.False(caller.IsCompleted, "the landing does not run the caller");
        _cache.Clear();
        while (!caller.IsCompleted)
            context.Step();
        Assert.True(caller.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Landing_and_giving_up_at_once_end_in_one_of_the_two()
    {
        LeaveContext();
        for (var round = 0; round < 2000; round++)
        {
            using var impatient = new CancellationTokenSource();
            using var start = new Barrier(2);
            var caller = GetAsync("u1", impatient.Token);
            var cancelling = Apart(() =>
            {
                start.SignalAndWait();
                impatient.Cancel();
            });
            start.SignalAndWait();
            _store.Answer("u1");
            await cancelling;
            try
            {
                Assert.Equal(1, (await Eventually.EndsAsync(caller, "the caller lands or gives up")).Version());
            }
            catch (OperationCanceledException e)
            {
                Assert.Equal(impatient.Token, e.CancellationToken);
            }

            Assert.Equal(0, _cache.GetStatistics().Flights);
            _cache.Clear();
        }
    }

    private static UserCacheOptions Options => new() { SizeBytes = 1L << 31, ReadDeadline = TimeSpan.FromMinutes(1) };

    private Task<LookupResult> GetAsync(string id) => GetAsync(id, CancellationToken.None);

    private async Task<LookupResult> GetAsync(string id, CancellationToken cancellationToken) =>
        await _cache.GetAsync(UserKey.Create(id), default, cancellationToken);

    private static async Task BlockAsync(Task<LookupResult> answer, ManualResetEventSlim gate)
    {
        try
        {
            await answer;
        }
        finally
        {
            gate.Wait(Token);
        }
    }

    /// <summary>As in the service, where requests have no context.</summary>
    private static void LeaveContext() => SynchronizationContext.SetSynchronizationContext(null);

    private static Task Apart(Action action) =>
        Eventually.EndsAsync(
            Task.Factory.StartNew(action, Token, TaskCreationOptions.LongRunning, TaskScheduler.Default), "what runs on a thread of its own ends");

    /// <summary>Runs what was posted when the test says so.</summary>
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
