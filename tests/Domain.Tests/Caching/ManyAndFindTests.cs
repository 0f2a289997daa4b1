using Lookup.Domain.Caching;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching;

public sealed class ManyAndFindTests
{
    private static readonly AlternateKey Ada = new("/email", "ada@example.com");

    [Fact]
    public async Task GetMany_returns_cached_users_and_reads_the_rest_in_one_read()
    {
        await using var instance = new Instance();
        for (var i = 0; i < 10; i++)
            await instance.WriteAsync($"u{i}", i);
        await instance.GetAsync("u3");

        var results = await ManyAsync(instance, "u9", "nobody", "u3", "u0");
        var again = await ManyAsync(instance, "u9", "nobody", "u3", "u0");

        Assert.Equal([9, -1, 3, 0], results.Select(result => result.Version()));
        Assert.Equal([LookupSource.Miss, LookupSource.Miss, LookupSource.Hit, LookupSource.Miss], results.Select(result => result.Source));
        Assert.All(again, result => Assert.Equal(LookupSource.Hit, result.Source));
        Assert.Equal((1, 1), (instance.Database.Reads, instance.Database.ManyReads));
    }

    [Fact]
    public async Task GetMany_of_a_repeated_user_reads_it_once()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);

        var results = await ManyAsync(instance, "u1", "u1");

        Assert.Equal([1, 1], results.Select(result => result.Version()));
        Assert.Equal(1, instance.Database.Reads + instance.Database.ManyReads);
    }

    [Fact]
    public async Task GetMany_joins_a_read_in_flight_that_can_be_joined()
    {
        await using var instance = new Instance();
        foreach (var id in new[] { "u1", "u2", "u3" })
            await instance.WriteAsync(id, 1);
        var gate = new TaskCompletionSource();
        instance.Database.AfterRead = _ => gate.Task;

        var one = instance.GetAsync("u1").AsTask();
        var many = ManyAsync(instance, "u1", "u2", "u3");
        var other = instance.GetAsync("u3").AsTask();
        gate.SetResult();

        Assert.Equal([true, false, false], (await many).Select(result => result.IsCollapsed));
        Assert.True((await other).IsCollapsed);
        Assert.Equal(1, (await one).Version());
        Assert.Equal((1, 1), (instance.Database.Reads, instance.Database.ManyReads));
    }

    [Fact]
    public async Task GetMany_keeps_the_old_version_of_an_evicted_user_out_and_caches_the_others()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.WriteAsync("u2", 1);
        var (held, gate) = instance.HoldReads();

        var many = ManyAsync(instance, "u1", "u2");
        await held;
        await instance.WriteAsync("u1", 2);
        instance.Evict("u1", 2);
        gate.SetResult();

        Assert.Equal([false, true], (await many).Select(result => result.IsStored));
        Assert.Equal(2, (await instance.GetAsync("u1")).Version());
        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u2")).Source);
    }

    [Fact]
    public async Task GetMany_abandoned_by_all_callers_cancels_its_read()
    {
        await using var instance = new Instance();
        var (held, gate) = instance.HoldReads();
        using var cancellation = new CancellationTokenSource();

        var many = instance.Cache.GetManyAsync([UserKey.Create("u1"), UserKey.Create("u2")], default, cancellation.Token).AsTask();
        await held;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => many);
        instance.Database.AfterRead = null;
        gate.SetResult();

        await UntilAsync(() => instance.Cache.GetStatistics().Flights == 0);
        Assert.True(instance.Cache.IsEmpty);
    }

    [Fact]
    public async Task Find_queries_once_and_is_then_served_from_the_cache()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u2", 2, Ada.Value);
        await instance.WriteAsync("u1", 1, Ada.Value);

        var miss = await FindAsync(instance);
        var hit = await FindAsync(instance);

        Assert.Equal([1, 2], miss.Users.Select(user => user.Version()));
        Assert.Equal([1, 2], hit.Users.Select(user => user.Version()));
        Assert.Equal((LookupSource.Miss, LookupSource.Hit), (miss.Summary.Source, hit.Summary.Source));
        Assert.Equal((1, 1), (instance.Database.Queries, instance.Database.ManyReads));
    }

    [Fact]
    public async Task Empty_find_result_is_cached_until_a_user_gains_the_key()
    {
        await using var instance = new Instance();

        Assert.Empty((await FindAsync(instance)).Users);
        Assert.Empty((await FindAsync(instance)).Users);
        Assert.Equal(1, instance.Database.Queries);
        await instance.WriteAsync("u1", 1, Ada.Value);
        instance.Evict("u1", 1, Ada.Value);

        Assert.Equal([1], (await FindAsync(instance)).Users.Select(user => user.Version()));
    }

    [Fact]
    public async Task Find_detects_a_user_that_lost_the_key_and_queries_again()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1, Ada.Value);
        await FindAsync(instance);
        await instance.WriteAsync("u1", 2, "grace@example.com");
        await instance.WriteAsync("u2", 1, Ada.Value);
        instance.Evict("u1", 2, "grace@example.com"); // u2's change has not been observed yet

        var found = await FindAsync(instance);

        Assert.Equal([1], found.Users.Select(user => user.Version()));
        Assert.Equal(2, instance.Database.Queries);
    }

    [Fact]
    public async Task Find_does_not_cache_its_hint_if_a_user_gains_the_key_during_the_query()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1, Ada.Value);
        var (held, gate) = instance.HoldReads();
        var first = FindAsync(instance); // its query has completed, and the read of u1 is held
        await held;
        await instance.WriteAsync("u2", 2, Ada.Value);
        instance.Evict("u2", 1, Ada.Value);
        instance.Database.AfterRead = null;
        gate.SetResult();
        await first;

        Assert.Equal([1, 2], (await FindAsync(instance)).Users.Select(user => user.Version()));
    }

    [Fact]
    public async Task Find_returns_at_most_a_hundred_users_and_reports_the_truncation()
    {
        await using var instance = new Instance();
        for (var i = 0; i < 101; i++)
            await instance.WriteAsync($"u{i}", i, Ada.Value);

        var found = await FindAsync(instance);

        Assert.Equal((100, true), (found.Users.Count, found.IsTruncated));
    }

    [Fact]
    public async Task Find_only_if_cached_never_queries()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1, Ada.Value);
        var directives = new ReadDirectives { OnlyIfCached = true };

        Assert.Equal(LookupStatus.NotCached, (await instance.Cache.FindAsync(Ada, directives, Token)).Summary.Status);
        await FindAsync(instance);
        Assert.Single((await instance.Cache.FindAsync(Ada, directives, Token)).Users);
        instance.Evict("u1", 2);
        Assert.Equal(LookupStatus.NotCached, (await instance.Cache.FindAsync(Ada, directives, Token)).Summary.Status);
    }

    private static async Task<IReadOnlyList<LookupResult>> ManyAsync(Instance instance, params string[] ids) =>
        await instance.Cache.GetManyAsync([.. ids.Select(id => UserKey.Create(id))], default, Token);

    private static async Task<FindResult> FindAsync(Instance instance) => await instance.Cache.FindAsync(Ada, default, Token);
}
