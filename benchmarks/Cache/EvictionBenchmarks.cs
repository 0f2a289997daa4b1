using BenchmarkDotNet.Attributes;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;

namespace Lookup.Benchmarks.Cache;

/// <summary>Benchmarks of applying one change from the feed on one thread, including the LSN that it raises.</summary>
public class EvictionBenchmarks
{
    private const int Changes = 4096;

    private readonly InstantStore _store = new();
    private readonly UserChange[] _changes = new UserChange[Changes];
    private readonly Task[] _flights = new Task[Changes];
    private LookupInstance _instance = null!;
    private TaskCompletionSource _gate = new();

    [GlobalSetup]
    public async Task SetUp()
    {
        // Capacity for as many concurrent flights as there are changes.
        _instance = await LookupInstance.StartAsync(_store, 1 << 17);
        for (var user = 0; user < Changes; user++)
            _changes[user] = new UserChange(Population.KeyOf(user), Lsn: 2, []);
    }

    [IterationSetup(Target = nameof(Absent))]
    public void Forget() => _instance.Cache.Clear();

    [IterationSetup(Target = nameof(Present))]
    public void Fill()
    {
        foreach (var change in _changes)
            _instance.Cache.GetAsync(change.Key, new ReadDirectives { NoCache = true }, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (_instance.Cache.GetStatistics().Entries != Changes)
            throw new InvalidOperationException("The users are not cached.");
    }

    [IterationSetup(Target = nameof(InFlight))]
    public void Launch()
    {
        _instance.Cache.Clear();
        _gate = new TaskCompletionSource();
        _store.Gate = _gate.Task;
        for (var i = 0; i < Changes; i++)
            _flights[i] = _instance.Cache.GetAsync(_changes[i].Key, default, CancellationToken.None).AsTask();
    }

    [IterationCleanup(Target = nameof(InFlight))]
    public void Land()
    {
        _gate.SetResult();
        Task.WaitAll(_flights);
        _store.Gate = Task.CompletedTask;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Changes, Description = "evict a user that is not cached")]
    public void Absent() => EvictAll();

    [Benchmark(OperationsPerInvoke = Changes, Description = "evict a cached user")]
    public void Present() => EvictAll();

    [Benchmark(OperationsPerInvoke = Changes, Description = "evict a user that is being read")]
    public void InFlight() => EvictAll();

    [GlobalCleanup]
    public async Task CleanUp() => await _instance.DisposeAsync();

    private void EvictAll()
    {
        foreach (ref readonly var change in _changes.AsSpan())
            _instance.Cache.Evict(change, EvictionSource.Follower);
    }
}
