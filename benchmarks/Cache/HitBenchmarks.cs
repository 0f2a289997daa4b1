using BenchmarkDotNet.Attributes;
using Lookup.Benchmarks.Cache.Contenders;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache;

/// <summary>Benchmarks of looking up a cached user: the time that one thread needs for one lookup.</summary>
public class HitBenchmarks
{
    /// <summary>The number of lookups by each thread in one invocation.</summary>
    private const int Lookups = 1 << 14;

    private UserKey[] _asked = [];
    private Contender _contender = null!;
    private WorkerThreads _workers = null!;
    private int _invocations;
    private long _bytes;

    public static IEnumerable<int> UserCounts => Scale.IsSmoke ? [512] : [4_096, 1_000_000];

    public static IEnumerable<int> ThreadCounts => Environment.ProcessorCount > 1 ? [1, Environment.ProcessorCount] : [1];

    [ParamsSource(nameof(UserCounts))]
    public int Users { get; set; }

    [ParamsAllValues]
    public Access Access { get; set; }

    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    [GlobalSetup(Target = nameof(MemoryCache))]
    public void SetUpMemoryCache() => SetUp(new MemoryCacheContender(Users));

    [GlobalSetup(Target = nameof(MemoryCacheWithSize))]
    public void SetUpMemoryCacheWithSize() => SetUp(new MemoryCacheContender(Users, withSize: true));

    [GlobalSetup(Target = nameof(LookupTryGet))]
    public async Task SetUpLookupTryGet() => SetUp(await LookupContender.FilledAsync(Users, triesOnly: true));

    [GlobalSetup(Target = nameof(Lookup))]
    public async Task SetUpLookup() => SetUp(await LookupContender.FilledAsync(Users, triesOnly: false));

    [GlobalSetup(Target = nameof(HybridCache))]
    public async Task SetUpHybridCache() => SetUp(await HybridCacheContender.FilledAsync(Users));

    [GlobalSetup(Target = nameof(FusionCacheTryGet))]
    public void SetUpFusionCacheTryGet() => SetUp(new FusionCacheContender(Users, triesOnly: true));

    [GlobalSetup(Target = nameof(FusionCacheGetOrSet))]
    public void SetUpFusionCacheGetOrSet() => SetUp(new FusionCacheContender(Users, triesOnly: false));

    [GlobalSetup(Target = nameof(BitFasterLru))]
    public void SetUpBitFasterLru() => SetUp(new BitFasterContender(Users, lfu: false));

    [GlobalSetup(Target = nameof(BitFasterLfu))]
    public void SetUpBitFasterLfu() => SetUp(new BitFasterContender(Users, lfu: true));

    [Benchmark(Baseline = true, OperationsPerInvoke = Lookups, Description = "MemoryCache.TryGetValue")]
    public long MemoryCache() => Run();

    [Benchmark(OperationsPerInvoke = Lookups, Description = "MemoryCache, size and statistics")]
    public long MemoryCacheWithSize() => Run();

    [Benchmark(OperationsPerInvoke = Lookups, Description = "UserCache.TryGet")]
    public long LookupTryGet() => Run();

    [Benchmark(OperationsPerInvoke = Lookups, Description = "UserCache.GetAsync")]
    public long Lookup() => Run();

    [Benchmark(OperationsPerInvoke = Lookups, Description = "HybridCache.GetOrCreateAsync")]
    public long HybridCache() => Run();

    [Benchmark(OperationsPerInvoke = Lookups, Description = "FusionCache.TryGet")]
    public long FusionCacheTryGet() => Run();

    [Benchmark(OperationsPerInvoke = Lookups, Description = "FusionCache.GetOrSet")]
    public long FusionCacheGetOrSet() => Run();

    [Benchmark(OperationsPerInvoke = Lookups, Description = "BitFaster ConcurrentLru")]
    public long BitFasterLru() => Run();

    [Benchmark(OperationsPerInvoke = Lookups, Description = "BitFaster ConcurrentLfu")]
    public long BitFasterLfu() => Run();

    [GlobalCleanup]
    public async Task CleanUp()
    {
        _workers.Dispose();
        await _contender.DisposeAsync();
    }

    private void SetUp(Contender contender)
    {
        _contender = contender;
        _asked = Population.Ask(Users, Access, Users > 100_000 ? 1 << 20 : 1 << 16);
        _workers = new WorkerThreads(Threads);
    }

    private long Run()
    {
        var begin = _invocations++ * Threads;
        if (Threads == 1)
            return _contender.Ask(Part(begin));

        _workers.Run(thread => Interlocked.Add(ref _bytes, _contender.Ask(Part(begin + thread))));
        return _bytes;
    }

    private ReadOnlySpan<UserKey> Part(int number) => _asked.AsSpan((number & ((_asked.Length / Lookups) - 1)) * Lookups, Lookups);
}
