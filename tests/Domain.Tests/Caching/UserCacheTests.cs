using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Stores;
using Lookup.Domain.Tests.Caching.Entries;

namespace Lookup.Domain.Tests.Caching;

public sealed class UserCacheTests
{
    [Fact]
    public async Task Get_twice_reads_once()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);

        var miss = await instance.GetAsync("u1");
        var hit = await instance.GetAsync("u1");

        Assert.Equal((LookupSource.Miss, true, 1), (miss.Source, miss.IsStored, miss.Version()));
        Assert.Equal((LookupSource.Hit, 1), (hit.Source, hit.Version()));
        Assert.Equal(1, instance.Database.Reads);
    }

    [Fact]
    public async Task Get_of_an_unknown_user_is_cached_until_the_user_is_created()
    {
        await using var instance = new Instance();

        var miss = await instance.GetAsync("u1");
        var hit = await instance.GetAsync("u1");
        await instance.WriteAsync("u1", 1);
        instance.Evict("u1", 1);
        var created = await instance.GetAsync("u1");

        Assert.Equal((LookupStatus.NotFound, LookupSource.Miss), (miss.Status, miss.Source));
        Assert.Equal((LookupStatus.NotFound, LookupSource.Hit), (hit.Status, hit.Source));
        Assert.Equal((LookupStatus.Found, 1), (created.Status, created.Version()));
        Assert.Equal(2, instance.Database.Reads);
    }

    [Fact]
    public async Task Hundred_concurrent_lookups_share_one_read()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var gate = new TaskCompletionSource();
        instance.Database.AfterRead = _ => gate.Task;

        var all = Enumerable.Range(0, 100).Select(_ => instance.GetAsync("u1").AsTask()).ToArray();
        gate.SetResult();
        var results = await Task.WhenAll(all);

        Assert.Equal(1, instance.Database.Reads);
        Assert.Equal(99, results.Count(result => result.IsCollapsed));
        Assert.All(results, result => Assert.Equal(1, result.Version()));
    }

    [Fact]
    public async Task Canceled_caller_does_not_fail_the_read_for_the_others()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var (held, gate) = instance.HoldReads();
        using var cancellation = new CancellationTokenSource();

        var first = instance.GetAsync("u1", cancellationToken: cancellation.Token).AsTask();
        await held;
        var second = instance.GetAsync("u1").AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();

        Assert.Equal((1, true), ((await second).Version(), (await second).IsStored));
        Assert.Equal(1, instance.Database.Reads);
    }

    [Fact]
    public async Task Read_without_remaining_callers_is_canceled_and_the_next_caller_reads_again()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var sent = new TaskCompletionSource();
        var canceled = new TaskCompletionSource();
        instance.Database.BeforeRead = async (_, token) =>
        {
            using var registration = token.Register(canceled.SetResult);
            sent.TrySetResult();
            await canceled.Task;
            token.ThrowIfCancellationRequested();
        };
        using var cancellation = new CancellationTokenSource();

        var reader = instance.GetAsync("u1", cancellationToken: cancellation.Token).AsTask();
        await sent.Task;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        await canceled.Task;
        instance.Database.BeforeRead = null;

        Assert.Equal(1, (await instance.GetAsync("u1")).Version());
        await UntilAsync(() => instance.Cache.GetStatistics().Flights == 0);
    }

    [Fact]
    public async Task Read_that_outlasts_the_deadline_fails_as_timed_out()
    {
        await using var instance = new Instance();
        instance.Database.BeforeRead = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);

        var reader = instance.GetAsync("u1").AsTask();
        await instance.AdvanceAsync(TimeSpan.FromSeconds(2.1));

        var failure = await Assert.ThrowsAsync<UserStoreException>(() => reader);
        Assert.Equal(UserStoreFailure.TimedOut, failure.Failure);
        Assert.Contains("2 s", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_of_the_store_is_not_cached()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        instance.Database.BeforeRead = (_, _) => throw new UserStoreException(UserStoreFailure.Behind, "404 with substatus 1002");

        await Assert.ThrowsAsync<UserStoreException>(async () => await instance.GetAsync("u1"));
        instance.Database.BeforeRead = null;

        Assert.Equal(1, (await instance.GetAsync("u1")).Version());
    }

    [Fact]
    public async Task Reads_beyond_the_budget_are_rejected_immediately()
    {
        await using var instance = new Instance(new UserCacheOptions { SizeBytes = 1 << 20 });
        var gate = new TaskCompletionSource();
        instance.Database.AfterRead = _ => gate.Task;

        var admitted = Enumerable.Range(0, 64).Select(i => instance.GetAsync($"u{i}").AsTask()).ToArray();
        var failure = await Assert.ThrowsAsync<UserStoreException>(async () => await instance.GetAsync("one-more"));
        gate.SetResult();
        await Task.WhenAll(admitted);

        Assert.Equal(UserStoreFailure.Overloaded, failure.Failure);
        Assert.Equal(LookupStatus.NotFound, (await instance.GetAsync("one-more")).Status);
    }

    [Theory]
    [MemberData(nameof(EntryMemoryTests.Policies), MemberType = typeof(EntryMemoryTests))]
    public async Task Cache_stays_within_its_size_and_unknown_ids_do_not_evict_users(EvictionPolicy policy)
    {
        var size = 1L << 20;
        await using var instance = new Instance(new UserCacheOptions { SizeBytes = size, EvictionPolicy = policy });
        for (var i = 0; i < 200; i++)
        {
            await instance.WriteAsync($"u{i}", i);
            await instance.GetAsync($"u{i}");
        }

        for (var i = 0; i < 10_000; i++)
            await instance.GetAsync($"nobody{i}");
        await UntilAsync(() => instance.Cache.GetStatistics().Bytes <= size);

        Assert.Equal(200, instance.Cache.GetStatistics().Entries);
        Assert.True(instance.Cache.GetStatistics().NegativeEntries > 50, "Unknown ids were not cached within their share.");
        for (var i = 0; i < 200; i++)
            Assert.Equal(LookupSource.Hit, (await instance.GetAsync($"u{i}")).Source);
    }

    [Fact]
    public async Task Statistics_count_lookups_reads_and_evictions()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.GetAsync("u1");
        await instance.GetAsync("u1");
        await instance.GetAsync("u1", new ReadDirectives { NoCache = true });
        await instance.GetAsync("nobody");
        instance.Evict("u1", 2);
        instance.Evict("never-asked-for", 1);

        var statistics = instance.Cache.GetStatistics();

        Assert.Equal((1, 2, 1, 1), (statistics.Hits, statistics.Misses, statistics.Requested, statistics.Revalidated));
        Assert.Equal((0, 1), (statistics.Entries, statistics.NegativeEntries));
        Assert.Equal(1, statistics.Evictions[EvictionSource.Follower]);
        Assert.Equal((3, 3d, 1d), (statistics.StoreReads, statistics.RequestCharge, statistics.RequestChargeSaved));
    }
}
