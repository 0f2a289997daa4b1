namespace Lookup.Domain.Tests.Freshness;

/// <summary>Instances that follow the feed and have cached a user of each range.</summary>
internal static class TwoRanges
{
    public const string Email = "ada@example.com";

    public static Task<Instance> FollowAsync() => FollowAsync(new Instance());

    /// <summary>Starts following the feed, and caches a user of each range.</summary>
    public static async Task<Instance> FollowAsync(Instance instance)
    {
        string[] users = [UserIn(instance, 0), UserIn(instance, 1)];
        foreach (var user in users)
            await instance.WriteAsync(user, 1, Email);
        await instance.FollowAsync();
        foreach (var user in users)
            await instance.GetAsync(user);
        return instance;
    }

    public static string UserIn(Instance instance, int range) => Instance.Ids(10).First(id => instance.Database.RangeOf(id) == range);
}
