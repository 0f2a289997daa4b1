extern alias mutants;

using mutants::Lookup.Simulation.Mutants;

namespace Lookup.Simulation.Tests;

/// <summary>Tests that the simulation catches the removal of each rule of the protocol.</summary>
public sealed class MutantTests
{
    public static TheoryData<string> Names => [.. Mutant.All.Select(mutant => mutant.Name!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Mutant_is_caught(string name)
    {
        var mutant = Mutant.All.Single(mutant => mutant.Name == name);

        Assert.NotNull(MutantsCommand.Catch(mutant, from: 0));
    }
}
