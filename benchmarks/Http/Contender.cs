using Lookup.Benchmarks.Http.Processes;

namespace Lookup.Benchmarks.Http;

/// <summary>The names of the contenders.</summary>
internal static class Names
{
    public const string Bare = "bare endpoint";
    public const string Control = "bare endpoint, a second";
    public const string Route = "bare endpoint, routed";
    public const string Lookup = "Lookup";
    public const string Usual = "cache-aside sample";
    public const string Telemetry = "Lookup, telemetry on";
    public const string Batch = "Lookup, batches of 100";
}

/// <summary>One server in one scenario.</summary>
/// <param name="Name">One of <see cref="Names"/>.</param>
/// <param name="Server">The server process.</param>
/// <param name="Script">The wrk script with the requests.</param>
/// <param name="UsersPerResponse">The number of users in one response.</param>
internal sealed record Contender(string Name, ServerProcess Server, string Script, int UsersPerResponse = 1);

/// <summary>A scenario in which contenders are measured in turn, round by round.</summary>
/// <param name="Name">The name of the scenario.</param>
/// <param name="Connections">The number of connections.</param>
/// <param name="Contenders">The contenders. The first one is the baseline.</param>
internal sealed record Scenario(string Name, int Connections, IReadOnlyList<Contender> Contenders)
{
    public Scenario Without(string name) => this with { Contenders = [.. Contenders.Where(contender => contender.Name != name)] };

    public override string ToString() => Connections == 1 ? $"{Name}, 1 connection" : $"{Name}, {Connections} connections";
}
