using System.Globalization;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.Commands;

/// <summary>The command that runs one seed, optionally with a trace of every step.</summary>
internal static class SeedCommand
{
    public static int Invoke(ulong seed, Variant variant, bool trace)
    {
        var result = Run.Of(seed, variant, trace ? Console.WriteLine : null);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seed {seed}: {result.Steps} steps, hash {result.Hash:x16}"));
        if (result.Violation is null)
        {
            Console.WriteLine("No guarantee was violated.");
            return 0;
        }

        if (trace)
            Console.WriteLine($"{result.Violation.Guarantee}: {result.Violation.Text}");
        else
            Reproduction.Print(result, variant);
        return 1;
    }
}
