namespace Lookup.Benchmarks.Http;

/// <summary>How long and what is measured.</summary>
internal sealed record BenchmarkOptions
{
    /// <summary>How often each contender of a scenario has its turn.</summary>
    public required int Rounds { get; init; }

    /// <summary>How long a turn takes.</summary>
    public required TimeSpan Turn { get; init; }

    /// <summary>How many turns each contender has with each kind of answer before anything is measured.</summary>
    public required int LeastWarmUps { get; init; }

    /// <summary>How many it has at most while somebody's compiler is still at work.</summary>
    public required int MostWarmUps { get; init; }

    /// <summary>How many users of each size are asked for in turn.</summary>
    public required int Users { get; init; }

    /// <summary>Numbers of connections at which hits are measured.</summary>
    public required IReadOnlyList<int> Connections { get; init; }

    /// <summary>How many misses of each kind are measured.</summary>
    public required int Misses { get; init; }

    /// <summary>Whether what is measured is published first, as it would be deployed; otherwise it runs as it was built.</summary>
    public required bool Published { get; init; }

    /// <summary>Whether it is only about that everything works.</summary>
    public required bool IsSmoke { get; init; }

    /// <summary>Only scenarios whose name contains this text; empty for all.</summary>
    public required string Only { get; init; }

    /// <summary>Where the report is written to besides the standard output.</summary>
    public FileInfo? Out { get; init; }

    /// <summary>The connections at which all is measured that is not measured at each number.</summary>
    public int MiddleConnections => Connections[Connections.Count / 2];
}
