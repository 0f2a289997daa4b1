using System.Globalization;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.Mutants;

/// <summary>Runs each mutant until it is caught. One that is not shows a hole in the simulation.</summary>
internal static class MutantsCommand
{
    /// <summary>The number of seeds within which a mutant must be caught.</summary>
    public const int MaxSeeds = 20_000;

    public static int Invoke(ulong from, int? threads)
    {
        Console.WriteLine("| left out | seeds to catch it | broken guarantee |");
        Console.WriteLine("|---|---:|---|");
        var holes = 0;
        foreach (var mutant in Mutant.All)
        {
            var caught = Catch(mutant, from, threads);
            holes += caught is null ? 1 : 0;
            Console.WriteLine(caught is null
                ? $"| {mutant.Name} | not within {MaxSeeds} | |"
                : string.Create(CultureInfo.InvariantCulture, $"| {mutant.Name} | {caught.Seed - from + 1} | {caught.Violation!.Promise}: {caught.Violation.Text} |"));
        }

        return holes == 0 ? 0 : 1;
    }

    /// <summary>Returns the first run that shows a mutant to be bad, or <see langword="null"/> if none does.</summary>
    public static RunResult? Catch(Mutant mutant, ulong from, int? threads = null)
    {
        var campaign = new Campaign(from, MaxSeeds, mutant, threads) { StopsAtFirst = true };
        campaign.Go();
        return campaign.Failed is [var first, ..] ? first : null;
    }
}
