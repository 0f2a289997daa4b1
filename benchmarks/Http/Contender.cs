using Lookup.Benchmarks.Http.Processes;

namespace Lookup.Benchmarks.Http;

/// <summary>Who takes part.</summary>
internal static class Names
{
    public const string Bare = "bare endpoint";
    public const string Control = "bare endpoint, a second";
    public const string Route = "bare endpoint, routed";
    public const string Lookup = "Lookup";
    public const string Usual = "usual sample";
    public const string Telemetry = "Lookup, telemetry on";
    public const string Batch = "Lookup, batches of 100";
}

/// <summary>One server in one scenario.</summary>
/// <param name="Name">Of <see cref="Names"/>.</param>
/// <param name="Server">The process that answers.</param>
/// <param name="Script">What it is asked.</param>
/// <param name="UsersPerAnswer">How many users one answer holds.</param>
internal sealed record Contender(string Name, ServerProcess Server, string Script, int UsersPerAnswer = 1);

/// <summary>What is measured side by side: all contenders in turn, round by round.</summary>
/// <param name="Name">What is asked for.</param>
/// <param name="Connections">At how many connections.</param>
/// <param name="Contenders">The first is the measure of the others.</param>
internal sealed record Scenario(string Name, int Connections, IReadOnlyList<Contender> Contenders)
{
    public Scenario Without(string name) => this with { Contenders = [.. Contenders.Where(contender => contender.Name != name)] };

    public override string ToString() => Connections == 1 ? $"{Name}, 1 connection" : $"{Name}, {Connections} connections";
}
