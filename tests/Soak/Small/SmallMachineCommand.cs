using Lookup.Soak.Fleet;

namespace Lookup.Soak.Small;

/// <summary>The command that runs one instance on a small machine and reports what it takes.</summary>
internal static class SmallMachineCommand
{
    public static Task<int> RunAsync(string[] args) => SoakCommand.GuardAsync(args, async (options, cancelled) =>
    {
        using var programs = await Programs.PublishAsync(options.App, options.Endpoint, cancelled);
        var result = await SmallMachineRun.RunAsync(options, options.Machine, programs, Console.Out, cancelled);
        var report = SmallMachineReport.Write(result);
        Console.WriteLine($"\n{report}");
        if (options.Output is { } file)
            await File.WriteAllTextAsync(file, report, CancellationToken.None);
        return result.IsCorrect && result.IsFast ? 0 : 1;
    });
}
