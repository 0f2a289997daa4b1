using System.Globalization;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.Commands;

/// <summary>The output for a run with a violation: its last steps, and the command that prints all steps.</summary>
internal static class Reproduction
{
    private const int LastSteps = 40;

    public static void Print(RunResult failed, Variant variant)
    {
        var last = new Queue<string>();
        var again = Run.Of(failed.Seed, variant, line =>
        {
            last.Enqueue(line);
            if (last.Count > LastSteps)
                last.Dequeue();
        });

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seed {failed.Seed}, last steps:"));
        foreach (var line in last)
            Console.WriteLine(line);
        Console.WriteLine($"{failed.Violation!.Guarantee}: {failed.Violation.Text}");
        if (again.Hash != failed.Hash)
            Console.WriteLine("The repeated run was different: something in it is not determined by the seed.");
        var (project, option) = variant.Name is { } name ? ("tests/Simulation.Mutants", $" --mutant {name}") : ("tests/Simulation", "");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"All steps: dotnet run -c Release --project {project} -- --seed {failed.Seed} --trace{option}"));
    }
}
