using System.Globalization;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.Commands;

/// <summary>Runs one seed; where asked to, step by step.</summary>
internal static class SeedCommand
{
    public static int Invoke(ulong seed, Variant variant, bool trace)
    {
        var result = Run.Of(seed, variant, trace ? Console.WriteLine : null);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seed {seed}: {result.Steps} steps, hash {result.Hash:x16}"));
        if (result.Violation is null)
        {
            Console.WriteLine("No promise was broken.");
            return 0;
        }

        if (trace)
            Console.WriteLine($"{result.Violation.Promise}: {result.Violation.Text}");
        else
            Reproduction.Print(result, variant);
        return 1;
    }
}
