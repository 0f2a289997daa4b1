using System.Text;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching;

/// <summary>An instance with a cached user that is in use, and the changes of that user.</summary>
internal static class UserInUse
{
    public static readonly TimeSpan Poll = TimeSpan.FromSeconds(1.1);

    /// <summary>Creates an instance that follows the feed, with version 1 of u1 in its cache, which was requested again since it was stored.</summary>
    public static Task<Instance> InUseAsync(bool showsDeletes = false)
    {
        return UseAsync(new Instance(database: new(showsDeletes: showsDeletes)));

        static async Task<Instance> UseAsync(Instance instance)
        {
            await instance.WriteAsync("u1", 1);
            await instance.FollowAsync();
            await instance.GetAsync("u1");
            await instance.GetAsync("u1");
            return instance;
        }
    }

    public static void Apply(Instance instance, params UserChange[] changes) =>
        instance.Cache.Apply(new FeedPage(changes, [], EndReached: false, 0, 1), new PollStamp(instance.Freshness.Current, 0));

    public static UserChange Change(Instance instance, string id, int version, long lsn)
    {
        var document = new UserDocument(Encoding.UTF8.GetBytes($"{{\"id\":\"{id}\",\"version\":{version}}}"), $"\"feed-{version}\"", lsn, default, []);
        return new UserChange(UserKey.Create(id), lsn, []) { Partition = instance.Database.PartitionOf(id), Document = () => document };
    }

    public static long Evictions(Instance instance) => instance.Cache.GetStatistics().Evictions[EvictionSource.Follower];
}
