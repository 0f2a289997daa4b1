using System.Globalization;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.Mutants;

/// <summary>
/// The command that runs each mutant until it is caught. A mutant that is not caught reveals a gap in the simulation.
/// </summary>
internal static class MutantsCommand
{
    /// <summary>The number of seeds within which a mutant must be caught.</summary>
    public const int MaxSeeds = 20_000;

    public static int Invoke(ulong from, int? threads)
    {
        Console.WriteLine("| mutant | seeds until caught | violated guarantee |");
        Console.WriteLine("|---|---:|---|");
        var holes = 0;
        foreach (var mutant in Mutant.All)
        {
            var caught = Catch(mutant, from, threads);
            holes += caught is null ? 1 : 0;
            Console.WriteLine(caught is null
                ? $"| {mutant.Name} | not within {MaxSeeds} | |"
                : string.Create(CultureInfo.InvariantCulture, $"| {mutant.Name} | {caught.Seed - from + 1} | {caught.Violation!.Guarantee}: {caught.Violation.Text} |"));
        }

        return holes == 0 ? 0 : 1;
    }

    /// <summary>Returns the first run of a mutant with a violation, or <see langword="null"/> if there is none.</summary>
    public static RunResult? Catch(Mutant mutant, ulong from, int? threads = null)
    {
        var campaign = new Campaign(from, MaxSeeds, mutant, threads) { StopsAtFirst = true };
        campaign.Go();
        return campaign.Failed is [var first, ..] ? first : null;
    }
}
