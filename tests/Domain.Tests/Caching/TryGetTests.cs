using Lookup.Domain.Caching;
using Lookup.Domain.Tests.Caching.Entries;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching;

/// <summary>A look into memory alone gives what a lookup would give, or nothing.</summary>
public sealed class TryGetTests
{
    private static readonly UserKey User = UserKey.Create("u1");

    public static TheoryData<EvictionPolicy> Policies => EntryMemoryTests.Policies;

    [Fact]
    public async Task TryGet_of_a_user_in_memory_answers_as_a_lookup_would_and_counts_a_hit()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        await instance.Cache.GetAsync(User, default, Instance.Token);
        instance.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(instance.Cache.TryGet(User, default, out var answer));

        Assert.Equal(await instance.Cache.GetAsync(User, default, Instance.Token), answer);
        Assert.Equal((LookupStatus.Found, LookupSource.Hit, 1), (answer.Status, answer.Source, answer.Version()));
        Assert.Equal(2, instance.Cache.GetStatistics().Hits);
    }

    [Fact]
    public async Task TryGet_of_an_unknown_user_says_so_once_memory_knows()
    {
        await using var instance = new Instance();
        Assert.False(instance.Cache.TryGet(User, default, out _));
        await instance.Cache.GetAsync(User, default, Instance.Token);

        Assert.True(instance.Cache.TryGet(User, default, out var answer));

        Assert.Equal(LookupStatus.NotFound, answer.Status);
    }

    [Fact]
    public async Task TryGet_answers_nothing_that_the_promise_or_the_directives_forbid_and_counts_nothing()
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

    [Fact]
    public async Task A_user_that_is_asked_for_outlasts_those_that_nobody_asks_for()
    {
        await using var instance = new Instance(new UserCacheOptions { SizeBytes = 1 << 20 });
        var others = 0;
        await instance.GetAsync("u1");
        while (instance.Cache.GetStatistics().CapacityEvictions < 200)
        {
            instance.Time.Advance(TimeSpan.FromSeconds(1));
            var answered = instance.Cache.TryGet(User, new ReadDirectives { MaxStale = TimeSpan.MaxValue }, out _);
            Assert.True(answered, "the user gave way");
            for (var i = 0; i < 20; i++)
                await instance.GetAsync($"other{others++}");
            await instance.SettleAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Hits_allocate_nothing(EvictionPolicy policy)
    {
        await using var instance = new Instance(new UserCacheOptions { EvictionPolicy = policy });
        await instance.WriteAsync("u1", 1);
        await instance.Cache.GetAsync(User, default, Instance.Token);
        Assert.True(AllAreHits(1)); // the thread's own number of hits is made with its first one

        var before = GC.GetAllocatedBytesForCurrentThread();
        var all = AllAreHits(1_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(all);

        bool AllAreHits(int times)
        {
            var hits = true;
            for (var i = 0; i < times; i++)
            {
                hits &= instance.Cache.TryGet(User, default, out var answer) && answer.Source == LookupSource.Hit;
                var answering = instance.Cache.GetAsync(User, default, CancellationToken.None);
                hits &= answering.IsCompletedSuccessfully && answering.Result.Source == LookupSource.Hit;
            }

            return hits;
        }
    }
}
