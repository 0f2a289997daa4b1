using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Feed;

/// <summary>Instances whose polls have a price, and lookups that everything caused by them has followed.</summary>
internal static class PolledInstance
{
    /// <summary>Creates an instance with one range that is armed, and with cached users. Only requests cause further polls, unless there is an interval.</summary>
    public static Task<Instance> CachedAsync(int users, double pageCharge, double allowance = 20, int pollIntervalSeconds = 3600)
    {
        return CacheAsync(new Instance(
            new UserCacheOptions { MaxStaleness = TimeSpan.FromSeconds(5), MaxUnseenDelete = null, CatchUpTimeout = TimeSpan.FromSeconds(1) },
            new FollowerOptions
            {
                Allowance = allowance,
                PollInterval = TimeSpan.FromSeconds(pollIntervalSeconds),
                IdleAfter = TimeSpan.FromSeconds(pollIntervalSeconds),
            },
            new FakeDatabase(1) { PageCharge = pageCharge }));

        async Task<Instance> CacheAsync(Instance instance)
        {
            foreach (var id in Instance.Ids(users))
                await instance.WriteAsync(id, 1);
            instance.Follow();
            await instance.AdvanceAsync(TimeSpan.FromSeconds(1));

            // Without an allowance, reads must earn what the start of the range costs.
            for (var i = 0; i < 200 && !instance.Freshness.IsArmed; i++)
            {
                await instance.GetAsync($"other{i}");
                await instance.AdvanceAsync(TimeSpan.FromMilliseconds(100));
            }

            Assert.True(instance.Freshness.IsArmed);
            foreach (var id in Instance.Ids(users))
                await instance.GetAsync(id);
            return instance;
        }
    }

    public static async Task<LookupResult> LookUpAsync(this Instance instance, string id)
    {
        var lookup = instance.GetAsync(id).AsTask();
        await instance.SettleAsync();
        return await lookup;
    }

    public static async Task FindAsync(this Instance instance, string email = "a@example.com")
    {
        var find = instance.Cache.FindAsync(new AlternateKey("/email", email), default, Instance.Token).AsTask();
        await instance.SettleAsync();
        await find;
    }
}
