using System.Globalization;
using Lookup.Domain.Caching;

namespace Lookup.Simulation.Commands;

/// <summary>Runs each known-bad variant of the protocol until it is caught. One that is not is a hole in the simulation.</summary>
internal static class FlawsCommand
{
    /// <summary>How many seeds a variant may take.</summary>
    public const int MostSeeds = 20_000;

    public static IEnumerable<Flaw> All => Enum.GetValues<Flaw>().Where(flaw => flaw != Flaw.None);

    public static int Invoke(ulong from, int? threads)
    {
        Console.WriteLine("| left out | seeds to catch it | broken promise |");
        Console.WriteLine("|---|---:|---|");
        var holes = 0;
        foreach (var flaw in All)
        {
            var caught = Catch(flaw, from, MostSeeds, threads);
            holes += caught is null ? 1 : 0;
            Console.WriteLine(caught is null
                ? $"| {flaw} | not within {MostSeeds} | |"
                : string.Create(CultureInfo.InvariantCulture, $"| {flaw} | {caught.Seed - from + 1} | {caught.Violation!.Promise}: {caught.Violation.Text} |"));
        }

        return holes == 0 ? 0 : 1;
    }

    /// <summary>The first run that shows a variant to be bad; null where none does.</summary>
    public static RunResult? Catch(Flaw flaw, ulong from, int mostSeeds, int? threads = null)
    {
        var campaign = new Campaign(from, mostSeeds, flaw, threads) { StopsAtFirst = true };
        campaign.Go();
        return campaign.Failed is [var first, ..] ? first : null;
    }
}
