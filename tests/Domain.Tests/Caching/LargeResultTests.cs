using System.Text;
using Lookup.Domain.Caching;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Caching;

/// <summary>Users that are larger than the cache can hold.</summary>
public sealed class LargeResultTests
{
    private const int Megabyte = 1 << 20;

    public static TheoryData<EvictionPolicy> Policies => [.. Enum.GetValues<EvictionPolicy>()];

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task User_larger_than_the_cache_is_read_for_each_lookup_and_counted(EvictionPolicy policy)
    {
        await using var instance = new Instance(new UserCacheOptions { SizeBytes = Megabyte, EvictionPolicy = policy });
        await instance.WriteAsync("large", 1);
        await instance.WriteAsync("small", 1);
        instance.Database.ReplaceResult = (key, read) => key.Id == "large" ? read with { Document = Large(read.Document!) } : read;

        Assert.All([await instance.GetAsync("large"), await instance.GetAsync("large")], result => Assert.False(result.IsStored));
        Assert.True((await instance.GetAsync("small")).IsStored);
        await instance.Cache.GetAsync(UserKey.Create("large"), new ReadDirectives { NoStore = true }, Instance.Token);

        Assert.Equal(2, instance.Cache.GetStatistics().TooLarge);
        Assert.Equal(4, instance.Database.Reads);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public async Task Callback_receives_the_size_and_the_limit_and_nothing_for_entries_that_only_find_no_room(EvictionPolicy policy)
    {
        var reported = new List<(long Size, long Limit)>();
        await using var instance = new Instance();
        using var cache = new UserCache(
            instance.Database, instance.Freshness, new UserCacheOptions { SizeBytes = Megabyte, EvictionPolicy = policy }, instance.Time)
        {
            ResultTooLarge = (size, limit) => reported.Add((size, limit)),
        };
        instance.Database.ReplaceResult = (key, read) =>
            read.Document is null ? read : read with { Document = Sized(read.Document, key.Id == "large" ? Megabyte : Megabyte / 2) };
        foreach (var id in (string[])["half1", "half2", "half3", "large"])
        {
            await instance.WriteAsync(id, 1);
            await cache.GetAsync(UserKey.Create(id), default, Instance.Token);
        }

        var (size, limit) = Assert.Single(reported);
        Assert.InRange(size, Megabyte, Megabyte + 1000);
        Assert.InRange(limit, Megabyte / 2, Megabyte);
        Assert.Equal(1, cache.GetStatistics().TooLarge);
    }

    private static UserDocument Large(UserDocument user) => Sized(user, Megabyte);

    private static UserDocument Sized(UserDocument user, int bytes) =>
        new(Encoding.UTF8.GetBytes(new string('x', bytes)), user.ETag, user.Lsn, user.LastModified, user.AlternateKeys);
}
