using Lookup.Benchmarks.Shared;

namespace Lookup.Benchmarks.Http.Processes;

/// <summary>The cores of the servers and of the load generator, separated so that the scheduler does not affect the measurement.</summary>
internal sealed record Cpus(string? Server, string? Load)
{
    /// <summary>Assigns the first half of the cores to the server and the other half to the load, if <c>taskset</c> is available.</summary>
    public static Cpus Split()
    {
        var count = Environment.ProcessorCount;
        return !Pinning.IsPossible || count < 2
            ? new Cpus(null, null)
            : new Cpus(Pinning.Range(0, (count / 2) - 1), Pinning.Range(count / 2, count - 1));
    }

    public int LoadCount => Load is null ? Environment.ProcessorCount : Environment.ProcessorCount - (Environment.ProcessorCount / 2);

    public override string ToString() => Server is null ? "not pinned" : $"servers pinned to cores {Server}, the load to {Load}";
}
