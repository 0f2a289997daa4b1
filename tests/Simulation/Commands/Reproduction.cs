using System.Globalization;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.Commands;

/// <summary>Shows how a run came to break a promise: its last steps, and how to see them all.</summary>
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
        Console.WriteLine($"{failed.Violation!.Promise}: {failed.Violation.Text}");
        if (again.Hash != failed.Hash)
            Console.WriteLine("The run went another way when it was repeated: something in it is not decided by the seed.");
        var (project, option) = variant.Name is { } name ? ("tests/Simulation.Mutants", $" --mutant {name}") : ("tests/Simulation", "");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"All steps: dotnet run -c Release --project {project} -- --seed {failed.Seed} --trace{option}"));
    }
}
