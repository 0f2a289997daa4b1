using Lookup.Benchmarks.Shared;

namespace Lookup.Benchmarks.Http.Processes;

/// <summary>Which cores the servers have and which the load: a server that shares its core with the load measures the scheduler.</summary>
internal sealed record Cpus(string? Server, string? Load)
{
    /// <summary>The first half of the cores for the server and the other half for the load, where <c>taskset</c> can do that.</summary>
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
