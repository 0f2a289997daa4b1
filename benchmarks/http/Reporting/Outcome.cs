using Lookup.HttpBenchmarks.Load;

namespace Lookup.HttpBenchmarks.Reporting;

/// <summary>What the contenders of a scenario came to, turn by turn.</summary>
internal sealed record Outcome(Scenario Scenario, Dictionary<string, List<WrkResult>> Results)
{
    public bool Has(string name) => Results.ContainsKey(name);

    /// <summary>Of one contender's users per second to another's, round by round: turns that followed each other.</summary>
    public Spread Ratio(string name, string toName) =>
        Spread.Of(UsersPerSecond(name).Zip(UsersPerSecond(toName), (one, other) => one / other));

    public Spread Of(string name, Func<WrkResult, double> figure) => Spread.Of(Results[name].Select(figure));

    private IEnumerable<double> UsersPerSecond(string name)
    {
        var users = Scenario.Contenders.Single(contender => contender.Name == name).UsersPerAnswer;
        return Results[name].Select(result => result.PerSecond * users);
    }
}
