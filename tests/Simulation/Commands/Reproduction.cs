using System.Globalization;
using Lookup.Domain.Caching;

namespace Lookup.Simulation.Commands;

/// <summary>Shows how a run came to break a promise: its last steps, and how to see them all.</summary>
internal static class Reproduction
{
    private const int LastSteps = 40;

    public static void Print(RunResult failed, Flaw flaw)
    {
        var last = new Queue<string>();
        var again = Run.Of(failed.Seed, flaw, line =>
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
        var option = flaw == Flaw.None ? "" : $" --flaw {flaw}";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"All steps: dotnet run -c Release --project tests/Simulation -- --seed {failed.Seed} --trace{option}"));
    }
}
