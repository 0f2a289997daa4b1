using Lookup.Benchmarks.Http.Load;

namespace Lookup.Benchmarks.Http.Reporting;

/// <summary>The results of the contenders of a scenario, turn by turn.</summary>
internal sealed record Outcome(Scenario Scenario, Dictionary<string, List<WrkResult>> Results)
{
    public bool Has(string name) => Results.ContainsKey(name);

    /// <summary>Returns the ratio of one contender's users per second to another's, by round.</summary>
    public Spread Ratio(string name, string toName) =>
        Spread.Of(UsersPerSecond(name).Zip(UsersPerSecond(toName), (one, other) => one / other));

    /// <summary>Returns the ratio of processor time per user, by round. Other work on the machine affects it less than the rate.</summary>
    public Spread CpuRatio(string name, string toName) => Spread.Of(CpuPerUser(name).Zip(CpuPerUser(toName), (one, other) => one / other));

    /// <summary>Returns the ratio of the median latencies, by round.</summary>
    public Spread LatencyRatio(string name, string toName) =>
        Spread.Of(Results[name].Zip(Results[toName], (one, other) => one.P50 / other.P50));

    public Spread Of(string name, Func<WrkResult, double> figure) => Spread.Of(Results[name].Select(figure));

    private IEnumerable<double> UsersPerSecond(string name) => Results[name].Select(result => result.PerSecond * UsersPerResponse(name));

    private IEnumerable<double> CpuPerUser(string name) => Results[name].Select(result => result.CpuMicroseconds / UsersPerResponse(name));

    private int UsersPerResponse(string name) => Scenario.Contenders.Single(contender => contender.Name == name).UsersPerResponse;
}
