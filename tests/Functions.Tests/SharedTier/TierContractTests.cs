using Lookup.Contracts;
using Lookup.Domain.SharedTier;
using Lookup.Functions.SharedTier;
using Microsoft.Extensions.Time.Testing;

namespace Lookup.Functions.Tests.SharedTier;

/// <summary>Runs the contract suite against each tier and each combination of tiers.</summary>
public abstract class TierContract : SharedTierContract, IDisposable
{
    private readonly List<IDisposable> _opened = [];

    public void Dispose()
    {
        _opened.ForEach(tier => tier.Dispose());
        GC.SuppressFinalize(this);
    }

    protected T Keep<T>(T tier)
        where T : ISharedTier
    {
        if (tier is IDisposable disposable)
            _opened.Add(disposable);
        return tier;
    }

    protected override Task ExpireAsync(ISharedTier tier, string key) => Tiers.ExpiredAsync(tier, key);
}

/// <summary>The contract of a tier that is guarded: its writes are queued, and larger values are written past it.</summary>
public abstract class GuardedTierContract : TierContract
{
    protected override int MaxValueBytes => 64 << 10;

    protected override Task SettleAsync(ISharedTier tier) => Tiers.WrittenAsync(tier);
}

public sealed class RedisTierContractTests(RedisFixture server) : TierContract, IClassFixture<RedisFixture>
{
    protected override async Task<ISharedTier> OpenAsync() => Keep(Tiers.Redis(await server.PortAsync()));
}

public sealed class MemcachedTierContractTests(MemcachedFixture server) : TierContract, IClassFixture<MemcachedFixture>
{
    protected override async Task<ISharedTier> OpenAsync() => Keep(Tiers.Memcached(await server.PortAsync()));
}

public sealed class InProcessTierContractTests : TierContract
{
    private readonly FakeTimeProvider _time = new();

    protected override Task<ISharedTier> OpenAsync() => Task.FromResult<ISharedTier>(Keep(new InProcessTier(_time)));

    protected override Task ExpireAsync(ISharedTier tier, string key)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return Task.CompletedTask;
    }
}

public sealed class SealedTierContractTests : TierContract
{
    private readonly FakeTimeProvider _time = new();

    protected override Task<ISharedTier> OpenAsync() => Task.FromResult<ISharedTier>(Keep(Tiers.Sealed(new InProcessTier(_time))));

    protected override Task ExpireAsync(ISharedTier tier, string key)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return Task.CompletedTask;
    }
}

public sealed class GuardedRedisTierContractTests(RedisFixture server) : GuardedTierContract, IClassFixture<RedisFixture>
{
    protected override async Task<ISharedTier> OpenAsync() => Keep(Tiers.Guarded(Tiers.Sealed(Tiers.Redis(await server.PortAsync()))));
}

public sealed class GuardedMemcachedTierContractTests(MemcachedFixture server) : GuardedTierContract, IClassFixture<MemcachedFixture>
{
    protected override async Task<ISharedTier> OpenAsync() => Keep(Tiers.Guarded(Tiers.Memcached(await server.PortAsync())));
}

public sealed class GuardedInProcessTierContractTests : GuardedTierContract
{
    private readonly FakeTimeProvider _time = new();

    protected override Task<ISharedTier> OpenAsync() => Task.FromResult<ISharedTier>(Keep(Tiers.Guarded(new InProcessTier(_time))));

    protected override Task ExpireAsync(ISharedTier tier, string key)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return Task.CompletedTask;
    }
}
