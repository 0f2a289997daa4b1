using Lookup.Domain.SharedTier;
using Lookup.Functions.SharedTier.Guarding;
using Lookup.Functions.SharedTier.Memcached;
using Lookup.Functions.SharedTier.Redis;
using Lookup.Functions.SharedTier.Sealing;
using Lookup.Support;

namespace Lookup.Functions.Tests.SharedTier;

/// <summary>Tiers for tests, whose limits are so long that a busy machine does not reach them.</summary>
internal static class Tiers
{
    public const string Key1 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    public const string Key2 = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

    public static readonly GuardedTierOptions Patient = new() { Timeout = Eventually.Limit, MaxReads = 10_000 };

    public static RedisTier Redis(int port, string more = "") => new(RedisOptions.Create($"127.0.0.1:{port},connectTimeout=60000{more}", Eventually.Limit));

    public static MemcachedTier Memcached(int port) => new("127.0.0.1", port, TimeProvider.System);

    public static GuardedTier Guarded(ISharedTier inner) => new(inner, Patient, TimeProvider.System);

    public static SealedTier Sealed(ISharedTier inner, params string[] keys) => new(inner, SealingKeys.Parse(keys.Length > 0 ? keys : [Key1])!);

    /// <summary>Waits until a value has expired, in a tier with a clock of its own.</summary>
    public static Task ExpiredAsync(ISharedTier tier, string key) => Eventually.IsTrueAsync(
        async () => await tier.GetAsync(key, TestContext.Current.CancellationToken) is null, "the value has expired");

    public static Task WrittenAsync(ISharedTier tier) => Eventually.IsTrueAsync(() => ((GuardedTier)tier).IsIdle, "everything queued is written");
}
