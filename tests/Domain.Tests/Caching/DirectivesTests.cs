using Lookup.Domain.Caching;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Tests.Caching;

public sealed class DirectivesTests
{
    [Fact]
    public async Task No_cache_reads_although_the_entry_is_fresh()
    {
        await using var instance = await WithUserAsync();
        await instance.WriteAsync("u1", 2);

        var result = await instance.GetAsync("u1", new ReadDirectives { NoCache = true });

        Assert.Equal((LookupSource.Request, 2, true), (result.Source, result.Version(), result.IsStored));
        Assert.Equal(2, (await instance.GetAsync("u1")).Version());
    }

    [Fact]
    public async Task No_cache_during_an_earlier_read_waits_for_a_later_read_and_shares_it()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);
        var (held, gate) = instance.HoldReads();
        var early = instance.GetAsync("u1").AsTask();
        await held;
        await instance.WriteAsync("u1", 2);
        instance.Time.Advance(TimeSpan.FromMilliseconds(1));

        var late = Enumerable.Range(0, 50).Select(_ => instance.GetAsync("u1", new ReadDirectives { NoCache = true }).AsTask()).ToArray();
        instance.Database.AfterRead = null;
        gate.SetResult();

        Assert.Equal(1, (await early).Version());
        Assert.All(await Task.WhenAll(late), result => Assert.Equal(2, result.Version()));
        Assert.Equal(2, instance.Database.Reads);
    }

    [Fact]
    public async Task No_store_reads_individually_and_caches_nothing()
    {
        await using var instance = new Instance();
        await instance.WriteAsync("u1", 1);

        var result = await instance.GetAsync("u1", new ReadDirectives { NoStore = true });

        Assert.Equal((1, false), (result.Version(), result.IsStored));
        Assert.True(instance.Cache.IsEmpty);
        Assert.Equal(LookupSource.Miss, (await instance.GetAsync("u1")).Source);
    }

    [Fact]
    public async Task No_store_returns_a_fresh_entry_from_the_cache()
    {
        await using var instance = await WithUserAsync();

        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u1", new ReadDirectives { NoStore = true })).Source);
    }

    [Fact]
    public async Task No_store_read_of_a_newer_version_removes_the_older_entry()
    {
        await using var instance = await WithUserAsync();
        await instance.WriteAsync("u1", 2); // not yet in the feed

        var newer = await instance.GetAsync("u1", new ReadDirectives { NoStore = true, NoCache = true });
        var next = await instance.GetAsync("u1");

        Assert.Equal((2, false), (newer.Version(), newer.IsStored));
        Assert.Equal(2, next.Version());
    }

    [Fact]
    public async Task Only_if_cached_never_reads()
    {
        await using var instance = await WithUserAsync();
        var directives = new ReadDirectives { OnlyIfCached = true };

        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u1", directives)).Source);
        Assert.Equal(LookupStatus.NotCached, (await instance.GetAsync("other", directives)).Status);
        instance.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(LookupStatus.NotCached, (await instance.GetAsync("u1", directives)).Status);
        Assert.Equal(LookupStatus.Found, (await instance.GetAsync("u1", directives with { MaxStale = TimeSpan.MaxValue })).Status);
        Assert.Equal(1, instance.Database.Reads);
    }

    [Fact]
    public async Task Max_age_tightens_the_bound_and_never_loosens_it()
    {
        await using var instance = await WithUserAsync();
        instance.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(LookupSource.Hit, (await instance.GetAsync("u1", MaxAge(2))).Source);
        Assert.Equal(LookupSource.Request, (await instance.GetAsync("u1", MaxAge(1))).Source);
        instance.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(LookupSource.Stale, (await instance.GetAsync("u1", MaxAge(3600))).Source);
        instance.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(LookupSource.Request, (await instance.GetAsync("u1", MaxAge(0))).Source);
    }

    [Fact]
    public async Task Max_stale_accepts_an_entry_beyond_the_bound_and_marks_it_stale()
    {
        await using var instance = await WithUserAsync();
        instance.Time.Advance(TimeSpan.FromSeconds(8));

        var accepted = await instance.GetAsync("u1", new ReadDirectives { MaxStale = TimeSpan.FromSeconds(3) });
        var capped = await instance.GetAsync("u1", new ReadDirectives { MaxStale = TimeSpan.MaxValue, MaxAge = TimeSpan.FromSeconds(7) });

        Assert.Equal((LookupSource.Hit, true, TimeSpan.FromSeconds(-3)), (accepted.Source, accepted.IsStale, accepted.TimeToLive));
        Assert.Equal((LookupSource.Stale, false), (capped.Source, capped.IsStale));
    }

    [Fact]
    public async Task Max_stale_does_not_accept_an_entry_beyond_it()
    {
        await using var instance = await WithUserAsync();
        instance.Time.Advance(TimeSpan.FromSeconds(8.001));

        Assert.True((await instance.GetAsync("u1", new ReadDirectives { MaxStale = TimeSpan.FromSeconds(3) })).IsRevalidated);
    }

    [Fact]
    public async Task Stale_if_error_returns_the_stale_entry_when_the_store_fails()
    {
        await using var instance = await WithUserAsync();
        instance.Time.Advance(TimeSpan.FromSeconds(8));
        instance.Database.BeforeRead = (_, _) => throw new UserStoreException(UserStoreFailure.Unavailable, "down");

        var accepted = await instance.GetAsync("u1", new ReadDirectives { StaleIfError = TimeSpan.FromSeconds(3) });

        Assert.Equal((1, true, true), (accepted.Version(), accepted.IsStale, accepted.IsInsteadOfError));
        await Assert.ThrowsAsync<UserStoreException>(async () => await instance.GetAsync("u1"));
        await Assert.ThrowsAsync<UserStoreException>(
            async () => await instance.GetAsync("u1", new ReadDirectives { StaleIfError = TimeSpan.FromSeconds(2) }));
    }

    [Fact]
    public async Task Stale_if_error_of_the_options_applies_if_the_request_specifies_none()
    {
        await using var instance = new Instance(new UserCacheOptions { StaleIfError = TimeSpan.FromSeconds(60) });
        await instance.WriteAsync("u1", 1);
        await instance.GetAsync("u1");
        instance.Time.Advance(TimeSpan.FromSeconds(30));
        instance.Database.BeforeRead = (_, _) => throw new UserStoreException(UserStoreFailure.Unavailable, "down");

        Assert.True((await instance.GetAsync("u1")).IsInsteadOfError);
        await Assert.ThrowsAsync<UserStoreException>(
            async () => await instance.GetAsync("u1", new ReadDirectives { StaleIfError = TimeSpan.Zero }));
    }

    private static ReadDirectives MaxAge(int seconds) => new() { MaxAge = TimeSpan.FromSeconds(seconds) };

    private static Task<Instance> WithUserAsync()
    {
        return CacheUserAsync(new Instance());

        static async Task<Instance> CacheUserAsync(Instance instance)
        {
            await instance.WriteAsync("u1", 1);
            await instance.GetAsync("u1");
            return instance;
        }
    }
}
