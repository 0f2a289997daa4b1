using BenchmarkDotNet.Attributes;
using Lookup.Domain.Users;

namespace Lookup.Benchmarks.Cache;

/// <summary>Benchmarks of looking up a hundred cached users: together, and one by one.</summary>
public class BatchBenchmarks
{
    private const int Batch = 100;

    private LookupInstance _instance = null!;
    private UserKey[][] _batches = [];
    private int _next;

    [GlobalSetup]
    public async Task SetUp()
    {
        _instance = await LookupInstance.FilledAsync(4096);
        _batches = [.. Population.Ask(4096, Access.Uniform, 256 * Batch).Chunk(Batch)];
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Batch, Description = "GetAsync, 100 times")]
    public async Task<long> OneByOne()
    {
        long bytes = 0;
        foreach (var key in _batches[_next++ & 255])
            bytes += (await _instance.Cache.GetAsync(key, default, CancellationToken.None)).Document!.Body.Length;
        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Batch, Description = "GetManyAsync of 100")]
    public async Task<long> Together()
    {
        long bytes = 0;
        foreach (var result in await _instance.Cache.GetManyAsync(_batches[_next++ & 255], default, CancellationToken.None))
            bytes += result.Document!.Body.Length;
        return bytes;
    }

    [GlobalCleanup]
    public async Task CleanUp() => await _instance.DisposeAsync();
}
