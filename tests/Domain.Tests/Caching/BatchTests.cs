using System.Runtime.ExceptionServices;
using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching;

/// <summary>Tests that a batch is one read, not one read per user: its capacity, the cost of its failure, and what is cached.</summary>
public sealed class BatchTests
{
    private static readonly UserCacheOptions Smallest = new() { SizeBytes = 1 << 20 };
    private static readonly UserStoreException Refusal = new(UserStoreFailure.Unavailable, "The store is not asked.") { IsRefusal = true };

    [Fact]
    public async Task Thousand_users_are_read_by_the_smallest_cache_in_several_reads()
    {
        await using var instance = new Instance(Smallest);
        await instance.WriteAsync("u999", 9);

        var results = await ManyAsync(instance, Ids(1000));

        Assert.Equal(9, results[999].Version());
        Assert.All(results.Take(999), result => Assert.Equal(LookupStatus.NotFound, result.Status));
        Assert.Equal(MemoryBudget.FromTotal(1 << 20).MaxUsersPerRead, (1000 + instance.Database.ManyReads - 1) / instance.Database.ManyReads, 4.0);
        Assert.Equal(0, instance.Cache.GetStatistics().Flights);
    }

    [Fact]
    public async Task Thousand_users_leave_capacity_for_other_batches_and_for_single_users()
    {
        await using var instance = new Instance(new UserCacheOptions { SizeBytes = 64 << 20 });
        var (held, gate) = instance.HoldReads();

        var batches = Enumerable.Range(0, 3).Select(i => ManyAsync(instance, Ids(1000, from: 1000 * i))).ToArray();
        await held;
        var single = instance.GetAsync("single").AsTask();
        await instance.SettleAsync();

        Assert.Equal((3, 1), (instance.Database.ManyReads, instance.Database.Reads));
        gate.SetResult();
        await Task.WhenAll(batches);
        await single;
    }

    [Fact]
    public async Task Batch_beyond_the_capacity_waits_in_turn()
    {
        await using var instance = new Instance(Smallest);
        var (held, gate) = instance.HoldReads();
        var first = ManyAsync(instance, Ids(100));
        await held;

        var second = ManyAsync(instance, Ids(100, from: 100));
        var third = ManyAsync(instance, Ids(5, from: 200));
        await instance.SettleAsync();
        Assert.Equal(1, instance.Database.ManyReads);
        gate.SetResult();

        await first;
        await second;
        Assert.Equal(5, (await third).Count);
        Assert.Equal(3, instance.Database.ManyReads);
    }

    [Fact]
    public async Task Batch_that_waits_longer_than_the_read_deadline_is_rejected()
    {
        await using var instance = new Instance(Smallest);
        var (held, gate) = instance.HoldReads();
        var first = ManyAsync(instance, Ids(100));
        await held;
        var second = ManyAsync(instance, Ids(100, from: 100));
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1.9));
        Assert.False(second.IsCompleted, "The second batch did not wait.");

        await instance.AdvanceAsync(TimeSpan.FromSeconds(0.2));

        Assert.Equal(UserStoreFailure.TimedOut, (await Assert.ThrowsAsync<UserStoreException>(() => first)).Failure);
        Assert.Equal(UserStoreFailure.Overloaded, (await Assert.ThrowsAsync<UserStoreException>(() => second)).Failure);
        Assert.Equal((1, 0L), (instance.Database.ManyReads, instance.Cache.GetStatistics().Flights));
        gate.SetResult();
        instance.Database.AfterRead = null;
        Assert.Equal(100, (await ManyAsync(instance, Ids(100, from: 100))).Count);
    }

    [Fact]
    public async Task Canceled_waiting_batch_passes_its_turn_to_the_next()
    {
        await using var instance = new Instance(Smallest);
        var (held, gate) = instance.HoldReads();
        var first = ManyAsync(instance, Ids(100));
        await held;
        using var cancellation = new CancellationTokenSource();
        var second = ManyAsync(instance, Ids(100, from: 100), token: cancellation.Token);
        var third = ManyAsync(instance, Ids(100, from: 200));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        gate.SetResult();

        await first;
        Assert.Equal(100, (await third).Count);
        Assert.Equal(2, instance.Database.ManyReads);
    }

    [Fact]
    public async Task Users_whose_read_was_sent_too_early_are_read_again_together()
    {
        await using var instance = new Instance();
        foreach (var id in Ids(40))
            await instance.WriteAsync(id, 1);
        var (held, gate) = instance.HoldReads();
        var first = ManyAsync(instance, Ids(40));
        await held;
        await instance.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        foreach (var id in Ids(40))
            await instance.WriteAsync(id, 2);

        var second = ManyAsync(instance, Ids(40), new ReadDirectives { NoCache = true });
        var third = ManyAsync(instance, Ids(40), new ReadDirectives { NoCache = true });
        await instance.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        gate.SetResult();

        Assert.All(await first, result => Assert.Equal(1, result.Version()));
        Assert.All(await second, result => Assert.Equal(2, result.Version()));
        Assert.All(await third, result => Assert.Equal(2, result.Version()));
        Assert.Equal((2, 0), (instance.Database.ManyReads, instance.Database.Reads));
    }

    [Fact]
    public async Task Users_read_before_a_batch_failed_are_cached_for_the_next_batch()
    {
        await using var instance = new Instance();
        foreach (var id in Ids(4))
            await instance.WriteAsync(id, 1);
        instance.Database.AfterRead = key => key.Id == "u3" ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, Token) : Task.CompletedTask;
        var first = ManyAsync(instance, Ids(4));
        var joined = instance.GetAsync("u0").AsTask();
        await instance.SettleAsync();
        Assert.True(joined.IsCompletedSuccessfully, "The waiter of one user waited for the other users.");

        await instance.AdvanceAsync(TimeSpan.FromSeconds(2.1));

        Assert.Equal(UserStoreFailure.TimedOut, (await Assert.ThrowsAsync<UserStoreException>(() => first)).Failure);
        instance.Database.AfterRead = null;
        var again = await ManyAsync(instance, Ids(4));
        Assert.Equal([LookupSource.Hit, LookupSource.Hit, LookupSource.Hit, LookupSource.Miss], again.Select(result => result.Source));
    }

    [Fact]
    public async Task Batch_that_the_store_rejects_starts_no_flight_and_throws_once_for_all_its_users()
    {
        await using var instance = new Instance();
        instance.Database.Refusal = Refusal;

        var thrown = await CountThrownAsync(Refusal, () => ManyAsync(instance, Ids(1000)));

        Assert.InRange(thrown, 1, 5);
        Assert.Equal((0, 0, 1000), (instance.Database.ManyReads, instance.Database.Reads, (int)instance.Cache.GetStatistics().Failures));
    }

    [Fact]
    public async Task Batch_whose_read_fails_throws_once_for_all_its_users()
    {
        await using var instance = new Instance();
        var failure = new UserStoreException(UserStoreFailure.Unavailable, "503");
        instance.Database.AfterRead = _ => throw failure;

        var thrown = await CountThrownAsync(failure, () => ManyAsync(instance, Ids(1000)));

        Assert.InRange(thrown, 1, 10);
        Assert.Equal(0, instance.Cache.GetStatistics().Flights);
    }

    [Fact]
    public async Task Rejected_batch_returns_stale_users_if_the_request_allows_them()
    {
        await using var instance = new Instance();
        foreach (var id in Ids(3))
            await instance.WriteAsync(id, 1);
        await ManyAsync(instance, Ids(3));
        await instance.AdvanceAsync(TimeSpan.FromSeconds(6));
        instance.Database.Refusal = Refusal;

        var results = await ManyAsync(instance, Ids(3), new ReadDirectives { StaleIfError = TimeSpan.FromMinutes(1) });

        Assert.All(results, result => Assert.True(result.IsInsteadOfError && result.Version() == 1));
        await Assert.ThrowsAsync<UserStoreException>(() => ManyAsync(instance, Ids(4), new ReadDirectives { StaleIfError = TimeSpan.FromMinutes(1) }));
    }

    [Fact]
    public async Task Single_user_that_the_store_rejects_is_not_read()
    {
        await using var instance = new Instance();
        instance.Database.Refusal = Refusal;

        Assert.Same(Refusal, await Assert.ThrowsAsync<UserStoreException>(async () => await instance.GetAsync("u1")));
        Assert.Equal((0, 0L), (instance.Database.Reads, instance.Cache.GetStatistics().Flights));
    }

    [Fact]
    public async Task Recently_evicted_users_are_read_individually_but_only_a_few_at_the_same_time()
    {
        await using var instance = new Instance();
        foreach (var id in Ids(400))
        {
            await instance.WriteAsync(id, 1);
            instance.Evict(id, 1);
        }

        var (now, max) = (0, 0);
        instance.Database.BeforeRead = async (_, _) =>
        {
            max = Math.Max(max, ++now);
            await Task.Yield();
        };
        instance.Database.AfterRead = _ =>
        {
            now--;
            return Task.CompletedTask;
        };

        var results = await ManyAsync(instance, Ids(400));

        Assert.All(results, result => Assert.Equal(1, result.Version()));
        Assert.Equal((400, MemoryBudget.ReadsAlone), (instance.Database.Reads, max));
    }

    [Fact]
    public async Task Batch_with_one_stale_user_revalidates_it_individually()
    {
        await using var instance = new Instance();
        foreach (var id in Ids(3))
            await instance.WriteAsync(id, 1);
        await ManyAsync(instance, ["u0"]);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(6));
        await ManyAsync(instance, ["u1", "u2"]);

        var results = await ManyAsync(instance, Ids(3));

        Assert.Equal([LookupSource.Stale, LookupSource.Hit, LookupSource.Hit], results.Select(result => result.Source));
        Assert.True(results[0].IsRevalidated);
        Assert.Equal((2, 1), (instance.Database.Reads, instance.Database.ManyReads));
        Assert.NotNull(instance.Database.Conditions[^1]);
    }

    [Fact]
    public async Task Same_user_twice_in_a_batch_without_sharing_is_returned_twice()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);

        var results = await ManyAsync(instance, ["u1", "u2", "u1"], new ReadDirectives { NoStore = true });

        Assert.Equal([1, -1, 1], results.Select(result => result.Version()));
        Assert.True(instance.Cache.IsEmpty);
    }

    [Fact]
    public async Task Reads_are_charged_to_their_initiator_and_hits_and_joined_reads_are_free()
    {
        await using var instance = new Instance();
        var (payer, other) = (new TestBudget(), new TestBudget());
        var (held, gate) = instance.HoldReads();

        var many = ManyAsync(instance, Ids(3), new ReadDirectives { Budget = payer });
        await held;
        var joined = instance.GetAsync("u1", new ReadDirectives { Budget = other }).AsTask();
        gate.SetResult();
        await many;
        await joined;
        await instance.GetAsync("u2", new ReadDirectives { Budget = other });
        await instance.GetAsync("u9", new ReadDirectives { Budget = payer });
        await instance.Cache.FindAsync(new AlternateKey("/email", "a"), new ReadDirectives { Budget = payer }, Token);

        Assert.Equal((3 + 1 + 3, 0), (payer.Spent, other.Spent));
    }

    /// <summary>The store charges for every read that was sent, so a client that cancels before the response does not read for free.</summary>
    [Fact]
    public async Task Read_that_is_canceled_before_its_response_is_charged_by_estimate()
    {
        await using var instance = new Instance();
        var budget = new TestBudget();
        var directives = new ReadDirectives { Budget = budget };
        using var leaving = new CancellationTokenSource();
        var (held, gate) = instance.HoldReads();
        var many = instance.Cache.GetManyAsync([.. Ids(10).Select(id => UserKey.Create(id))], directives, leaving.Token).AsTask();
        await held;

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => many);
        await instance.SettleAsync();
        Assert.Equal(10, budget.Spent, 0.01);
        gate.SetResult();
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 3)]
    public async Task Single_read_that_is_canceled_before_its_response_is_charged_by_estimate(bool isFind, double expected)
    {
        await using var instance = new Instance();
        var budget = new TestBudget();
        var directives = new ReadDirectives { Budget = budget };
        using var leaving = new CancellationTokenSource();
        var held = new TaskCompletionSource();
        Task HoldAsync(CancellationToken token)
        {
            held.TrySetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, instance.Time, token);
        }

        instance.Database.BeforeRead = (_, token) => HoldAsync(token);
        instance.Database.BeforeFind = HoldAsync;
        Task lookup = isFind
            ? instance.Cache.FindAsync(new AlternateKey("/email", "a"), directives, leaving.Token).AsTask()
            : instance.Cache.GetAsync(UserKey.Create("u1"), directives, leaving.Token).AsTask();
        await held.Task;

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lookup);
        await instance.SettleAsync();
        Assert.Equal(expected, budget.Spent, 0.01);
    }

    [Fact]
    public async Task Caller_that_has_spent_its_budget_gets_hits_but_no_reads()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u0", 1);
        await instance.GetAsync("u0");
        var empty = new ReadDirectives { Budget = new TestBudget { IsEmpty = true } };

        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u0", empty)).Source);
        var single = await Assert.ThrowsAsync<UserStoreException>(async () => await instance.GetAsync("u1", empty));
        var many = await Assert.ThrowsAsync<UserStoreException>(() => ManyAsync(instance, Ids(3), empty));
        var find = await Assert.ThrowsAsync<UserStoreException>(
            async () => await instance.Cache.FindAsync(new AlternateKey("/email", "a"), empty, Token));

        Assert.All([single, many, find], refusal => Assert.Equal((UserStoreFailure.OverBudget, TimeSpan.FromSeconds(7)), (refusal.Failure, refusal.RetryAfter)));
        Assert.Equal((1, 0, 0), (instance.Database.Reads, instance.Database.ManyReads, instance.Database.Queries));
    }

    private static string[] Ids(int count, int from = 0) => [.. Enumerable.Range(from, count).Select(i => $"u{i}")];

    private static async Task<IReadOnlyList<LookupResult>> ManyAsync(
        Instance instance, string[] ids, ReadDirectives directives = default, CancellationToken? token = null) =>
        await instance.Cache.GetManyAsync([.. ids.Select(id => UserKey.Create(id))], directives, token ?? Token);

    /// <summary>Counts how often an exception is thrown or rethrown before the caller receives it.</summary>
    private static async Task<int> CountThrownAsync(Exception exception, Func<Task> ask)
    {
        var thrown = 0;
        void Count(object? sender, FirstChanceExceptionEventArgs e)
        {
            if (ReferenceEquals(e.Exception, exception))
                Interlocked.Increment(ref thrown);
        }

        AppDomain.CurrentDomain.FirstChanceException += Count;
        try
        {
            Assert.Same(exception, await Assert.ThrowsAsync<UserStoreException>(ask));
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
        }

        return thrown;
    }

    private sealed class TestBudget : IRequestUnitBudget
    {
        public double Spent { get; private set; }

        public bool IsEmpty { get; init; }

        public bool Allows(out TimeSpan retryAfter)
        {
            retryAfter = TimeSpan.FromSeconds(7);
            return !IsEmpty;
        }

        public void Spend(double requestUnits) => Spent += requestUnits;
    }
}
