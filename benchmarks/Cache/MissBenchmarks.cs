using BenchmarkDotNet.Attributes;
using Lookup.Domain.Stores;

namespace Lookup.Benchmarks.Cache;

/// <summary>Benchmarks of the cost that the cache adds to a read from an instant store: the flight, the known LSN, the entry.</summary>
public class MissBenchmarks
{
    private const int Callers = 1000;

    private readonly InstantStore _store = new();
    private readonly Task[] _waits = new Task[Callers];
    private LookupInstance _instance = null!;
    private int _next;

    [GlobalSetup]
    public async Task SetUp() => _instance = await LookupInstance.StartAsync(_store, 4096);

    /// <summary>Looks up an uncached user, a different one each time. The cache evicts other users if necessary.</summary>
    [Benchmark(Description = "miss")]
    public ValueTask<Domain.Caching.LookupResult> Miss() => _instance.Cache.GetAsync(Population.KeyOf(_next++), default, CancellationToken.None);

    /// <summary>Reads a user directly from the store.</summary>
    [Benchmark(Baseline = true, Description = "the store alone")]
    public ValueTask<StoreRead> Store() => _store.ReadAsync(Population.KeyOf(_next++), null, CancellationToken.None);

    /// <summary>Looks up one user for a thousand callers while its read is in flight.</summary>
    [Benchmark(OperationsPerInvoke = Callers, Description = "one of 1,000 misses of one key")]
    public async Task Stampede()
    {
        var gate = new TaskCompletionSource();
        _store.Gate = gate.Task;
        var before = _instance.Cache.GetStatistics().StoreReads;
        var key = Population.KeyOf(_next++);
        for (var i = 0; i < _waits.Length; i++)
            _waits[i] = _instance.Cache.GetAsync(key, default, CancellationToken.None).AsTask();
        gate.SetResult();
        await Task.WhenAll(_waits);
        _store.Gate = Task.CompletedTask;
        if (_instance.Cache.GetStatistics().StoreReads != before + 1)
            throw new InvalidOperationException("A thousand misses of one key did not share one read.");
    }

    [GlobalCleanup]
    public async Task CleanUp() => await _instance.DisposeAsync();
}
