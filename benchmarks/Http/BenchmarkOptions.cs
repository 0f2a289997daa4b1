namespace Lookup.Benchmarks.Http;

/// <summary>The options of a benchmark run.</summary>
internal sealed record BenchmarkOptions
{
    /// <summary>Gets the number of turns of each contender in a scenario.</summary>
    public required int Rounds { get; init; }

    /// <summary>Gets the length of a turn.</summary>
    public required TimeSpan Turn { get; init; }

    /// <summary>Gets the minimum number of warm-up turns of each contender with each kind of response.</summary>
    public required int LeastWarmUps { get; init; }

    /// <summary>Gets the maximum number of warm-up turns, which applies while the JIT compiler of a contender is still busy.</summary>
    public required int MostWarmUps { get; init; }

    /// <summary>Gets the number of users of each size, which are requested in turn.</summary>
    public required int Users { get; init; }

    /// <summary>Gets the numbers of connections at which hits are measured.</summary>
    public required IReadOnlyList<int> Connections { get; init; }

    /// <summary>Gets the number of misses of each kind.</summary>
    public required int Misses { get; init; }

    /// <summary>Gets a value that indicates whether the programs are published first, as for a deployment, or run as built.</summary>
    public required bool Published { get; init; }

    /// <summary>Gets a value that indicates whether the run only verifies that everything works.</summary>
    public required bool IsSmoke { get; init; }

    /// <summary>Gets the text that the names of the scenarios to run contain; empty for all scenarios.</summary>
    public required string Only { get; init; }

    /// <summary>Gets the file to which the report is written in addition to the standard output, if any.</summary>
    public FileInfo? Out { get; init; }

    /// <summary>Gets the number of connections for the scenarios that run at only one number of connections.</summary>
    public int MiddleConnections => Connections[Connections.Count / 2];
}
