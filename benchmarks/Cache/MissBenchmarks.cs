using BenchmarkDotNet.Attributes;
using Lookup.Domain.Stores;

namespace Lookup.Benchmarks.Cache;

/// <summary>What the cache adds to a read of a store that answers at once: the flight, the fences, the entry.</summary>
public class MissBenchmarks
{
    private const int Callers = 1000;

    private readonly QuietStore _store = new();
    private readonly Task[] _waits = new Task[Callers];
    private LookupInstance _instance = null!;
    private int _next;

    [GlobalSetup]
    public async Task SetUp() => _instance = await LookupInstance.StartAsync(_store, 4096);

    /// <summary>A user who is not in memory, asked for by one caller: each time another, and memory makes room as it must.</summary>
    [Benchmark(Description = "miss")]
    public ValueTask<Domain.Caching.LookupResult> Miss() => _instance.Cache.GetAsync(Population.KeyOf(_next++), default, CancellationToken.None);

    /// <summary>The read alone.</summary>
    [Benchmark(Baseline = true, Description = "the store alone")]
    public ValueTask<StoreRead> Store() => _store.ReadAsync(Population.KeyOf(_next++), null, CancellationToken.None);

    /// <summary>A thousand callers ask for one user while the read is under way.</summary>
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
