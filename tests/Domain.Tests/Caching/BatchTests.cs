using System.Runtime.ExceptionServices;
using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Stores;

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

        var results = await instance.GetManyAsync(Ids(1000));

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

        var batches = Enumerable.Range(0, 3).Select(i => instance.GetManyAsync(Ids(1000, from: 1000 * i))).ToArray();
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
        var first = instance.GetManyAsync(Ids(100));
        await held;

        var second = instance.GetManyAsync(Ids(100, from: 100));
        var third = instance.GetManyAsync(Ids(5, from: 200));
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
        var first = instance.GetManyAsync(Ids(100));
        await held;
        var second = instance.GetManyAsync(Ids(100, from: 100));
        await instance.AdvanceAsync(TimeSpan.FromSeconds(1.9));
        Assert.False(second.IsCompleted, "The second batch did not wait.");

        await instance.AdvanceAsync(TimeSpan.FromSeconds(0.2));

        Assert.Equal(UserStoreFailure.TimedOut, (await Assert.ThrowsAsync<UserStoreException>(() => first)).Failure);
        Assert.Equal(UserStoreFailure.Overloaded, (await Assert.ThrowsAsync<UserStoreException>(() => second)).Failure);
        Assert.Equal((1, 0L), (instance.Database.ManyReads, instance.Cache.GetStatistics().Flights));
        gate.SetResult();
        instance.Database.AfterRead = null;
        Assert.Equal(100, (await instance.GetManyAsync(Ids(100, from: 100))).Count);
    }

    [Fact]
    public async Task Canceled_waiting_batch_passes_its_turn_to_the_next()
    {
        await using var instance = new Instance(Smallest);
        var (held, gate) = instance.HoldReads();
        var first = instance.GetManyAsync(Ids(100));
        await held;
        using var cancellation = new CancellationTokenSource();
        var second = instance.GetManyAsync(Ids(100, from: 100), token: cancellation.Token);
        var third = instance.GetManyAsync(Ids(100, from: 200));
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
        var first = instance.GetManyAsync(Ids(40));
        await held;
        await instance.AdvanceAsync(TimeSpan.FromMilliseconds(50));
        foreach (var id in Ids(40))
            await instance.WriteAsync(id, 2);

        var second = instance.GetManyAsync(Ids(40), new ReadDirectives { NoCache = true });
        var third = instance.GetManyAsync(Ids(40), new ReadDirectives { NoCache = true });
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
        var first = instance.GetManyAsync(Ids(4));
        var joined = instance.GetAsync("u0").AsTask();
        await instance.SettleAsync();
        Assert.True(joined.IsCompletedSuccessfully, "The waiter of one user waited for the other users.");

        await instance.AdvanceAsync(TimeSpan.FromSeconds(2.1));

        Assert.Equal(UserStoreFailure.TimedOut, (await Assert.ThrowsAsync<UserStoreException>(() => first)).Failure);
        instance.Database.AfterRead = null;
        var again = await instance.GetManyAsync(Ids(4));
        Assert.Equal([LookupSource.Hit, LookupSource.Hit, LookupSource.Hit, LookupSource.Miss], again.Select(result => result.Source));
    }

    [Fact]
    public async Task Batch_that_the_store_rejects_starts_no_flight_and_throws_once_for_all_its_users()
    {
        await using var instance = new Instance();
        instance.Database.Refusal = Refusal;

        var thrown = await CountThrownAsync(Refusal, () => instance.GetManyAsync(Ids(1000)));

        Assert.InRange(thrown, 1, 5);
        Assert.Equal((0, 0, 1000), (instance.Database.ManyReads, instance.Database.Reads, (int)instance.Cache.GetStatistics().Failures));
    }

    [Fact]
    public async Task Batch_whose_read_fails_throws_once_for_all_its_users()
    {
        await using var instance = new Instance();
        var failure = new UserStoreException(UserStoreFailure.Unavailable, "503");
        instance.Database.AfterRead = _ => throw failure;

        var thrown = await CountThrownAsync(failure, () => instance.GetManyAsync(Ids(1000)));

        Assert.InRange(thrown, 1, 10);
        Assert.Equal(0, instance.Cache.GetStatistics().Flights);
    }

    [Fact]
    public async Task Rejected_batch_returns_stale_users_if_the_request_allows_them()
    {
        await using var instance = new Instance();
        foreach (var id in Ids(3))
            await instance.WriteAsync(id, 1);
        await instance.GetManyAsync(Ids(3));
        await instance.AdvanceAsync(TimeSpan.FromSeconds(6));
        instance.Database.Refusal = Refusal;

        var results = await instance.GetManyAsync(Ids(3), new ReadDirectives { StaleIfError = TimeSpan.FromMinutes(1) });

        Assert.All(results, result => Assert.True(result.IsInsteadOfError && result.Version() == 1));
        await Assert.ThrowsAsync<UserStoreException>(() => instance.GetManyAsync(Ids(4), new ReadDirectives { StaleIfError = TimeSpan.FromMinutes(1) }));
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
    public async Task Users_in_a_partition_that_lags_are_read_individually_but_only_a_few_at_the_same_time()
    {
        await using var instance = new Instance();
        foreach (var id in Ids(400))
        {
            await instance.WriteAsync(id, 1);
            instance.Evict(id, 1);
        }

        instance.Database.ReplacePositions = positions => [.. positions.Select(each => each with { From = 0 })];
        var (now, max) = (0, 0);
        instance.Database.BeforeRead = async (_, _) =>
        {
            max = Math.Max(max, ++now);
            await Task.Yield();
        };
        instance.Database.AfterRead = _ =>
        {
            now = Math.Max(0, now - 1); // a read of several users ends without a beginning
            return Task.CompletedTask;
        };

        var results = await instance.GetManyAsync(Ids(400));

        Assert.All(results, result => Assert.Equal(1, result.Version()));
        Assert.Equal((400, MemoryBudget.ReadsAlone), (instance.Database.Reads, max));
    }

    [Fact]
    public async Task Batch_with_one_stale_user_revalidates_it_individually()
    {
        await using var instance = new Instance();
        foreach (var id in Ids(3))
            await instance.WriteAsync(id, 1);
        await instance.GetManyAsync(["u0"]);
        await instance.AdvanceAsync(TimeSpan.FromSeconds(6));
        await instance.GetManyAsync(["u1", "u2"]);

        var results = await instance.GetManyAsync(Ids(3));

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

        var results = await instance.GetManyAsync(["u1", "u2", "u1"], new ReadDirectives { NoStore = true });

        Assert.Equal([1, -1, 1], results.Select(result => result.Version()));
        Assert.True(instance.Cache.IsEmpty);
    }

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
}
