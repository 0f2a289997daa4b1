using Lookup.Domain.Caching;
using Lookup.Domain.Tests.Caching.Entries;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching;

/// <summary>Tests that a lookup in the cache alone returns the result of a full lookup, or nothing.</summary>
public sealed class TryGetTests
{
    private static readonly UserKey User = UserKey.Create("u1");

    public static TheoryData<EvictionPolicy> Policies => EntryMemoryTests.Policies;

    [Fact]
    public async Task TryGet_of_a_cached_user_returns_the_result_of_a_lookup_and_counts_a_hit()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.Cache.GetAsync(User, default, Instance.Token);
        instance.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(instance.Cache.TryGet(User, default, out var result));

        Assert.Equal(await instance.Cache.GetAsync(User, default, Instance.Token), result);
        Assert.Equal((LookupStatus.Found, LookupSource.Hit, 1), (result.Status, result.Source, result.Version()));
        Assert.Equal(2, instance.Cache.GetStatistics().Hits);
    }

    [Fact]
    public async Task TryGet_of_an_unknown_user_returns_NotFound_after_it_is_cached()
    {
        await using var instance = new Instance();
        Assert.False(instance.Cache.TryGet(User, default, out _));
        await instance.Cache.GetAsync(User, default, Instance.Token);

        Assert.True(instance.Cache.TryGet(User, default, out var result));

        Assert.Equal(LookupStatus.NotFound, result.Status);
    }

    [Fact]
    public async Task TryGet_of_an_entry_that_the_bound_or_directives_exclude_returns_and_counts_nothing()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.Cache.GetAsync(User, default, Instance.Token);
        var before = instance.Cache.GetStatistics();
        var stillStale = new ReadDirectives { MaxStale = TimeSpan.FromSeconds(3) };

        Assert.False(instance.Cache.TryGet(User, new ReadDirectives { NoCache = true }, out _));
        instance.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.False(instance.Cache.TryGet(User, new ReadDirectives { MaxAge = TimeSpan.FromSeconds(2) }, out _));
        instance.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.False(instance.Cache.TryGet(User, default, out _)); // older than MaxStaleness
        Assert.Equivalent(before, instance.Cache.GetStatistics());

        Assert.True(instance.Cache.TryGet(User, stillStale, out var stale));
        Assert.True(stale.IsStale);
        Assert.Equal(before.ServedStale + 1, instance.Cache.GetStatistics().ServedStale);

        instance.Evict("u1", 2);
        Assert.False(instance.Cache.TryGet(User, stillStale, out _));
    }

    /// <param name="uptime">The time since the instance started. The noted time of use wraps around after 2^52 ticks, which is 14 years.</param>
    [Theory]
    [InlineData(0)]
    [InlineData((1L << 52) - (10 * TimeSpan.TicksPerSecond))]
    public async Task Requested_user_outlasts_users_without_requests(long uptime)
    {
        await using var instance = new Instance(new UserCacheOptions { SizeBytes = 1 << 20 });
        instance.Time.Advance(TimeSpan.FromTicks(uptime));
        var others = 0;
        await instance.GetAsync("u1");
        while (instance.Cache.GetStatistics().CapacityEvictions < 200)
        {
            instance.Time.Advance(TimeSpan.FromSeconds(1));
            var found = instance.Cache.TryGet(User, new ReadDirectives { MaxStale = TimeSpan.MaxValue }, out _);
            Assert.True(found, "The user was evicted.");
            for (var i = 0; i < 20; i++)
                await instance.GetAsync($"other{others++}");
            await instance.SettleAsync();
        }

        Assert.False(instance.Cache.TryGet(UserKey.Create("other0"), new ReadDirectives { MaxStale = TimeSpan.MaxValue }, out _));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Hits_allocate_nothing(EvictionPolicy policy)
    {
        await using var instance = new Instance(new UserCacheOptions { EvictionPolicy = policy });
        await instance.WriteAsync("u1", 1);
        await instance.Cache.GetAsync(User, default, Instance.Token);
        Assert.True(AllAreHits(1)); // the first hit of a thread allocates its hit counter

        var before = GC.GetAllocatedBytesForCurrentThread();
        var all = AllAreHits(1_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(all);

        bool AllAreHits(int times)
        {
            var hits = true;
            for (var i = 0; i < times; i++)
            {
                hits &= instance.Cache.TryGet(User, default, out var result) && result.Source == LookupSource.Hit;
                var lookup = instance.Cache.GetAsync(User, default, CancellationToken.None);
                hits &= lookup.IsCompletedSuccessfully && lookup.Result.Source == LookupSource.Hit;
            }

            return hits;
        }
    }
}
