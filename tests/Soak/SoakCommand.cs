using System.Runtime.InteropServices;
using Lookup.Soak.Fleet;

namespace Lookup.Soak;

/// <summary>The soak command: runs, reports, and returns an exit code that indicates whether every guarantee held.</summary>
internal static class SoakCommand
{
    private const int Kept = 0;
    private const int Broken = 1;
    private const int Wrong = 2;

    /// <summary>The time allowed beyond the length of the run, for publishing, startup, recovery and a slow machine.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    public static Task<int> RunAsync(string[] args) => GuardAsync(args, async (options, cancelled) =>
    {
        using var programs = await Programs.PublishAsync(options.App, options.Endpoint, cancelled);
        var result = await SoakRun.RunAsync(options, programs, new ProgressLine(Console.Out), cancelled);
        var report = SoakReport.Write(options, result);
        Console.WriteLine(report);
        if (options.Output is { } file)
            await File.WriteAllTextAsync(file, report, CancellationToken.None);
        return result.ViolationCount > 0 ? Broken : cancelled.IsCancellationRequested ? Wrong : Kept;
    });

    /// <summary>Runs a function that starts processes, and ensures that they are killed in the end.</summary>
    public static async Task<int> GuardAsync(string[] args, Func<SoakOptions, CancellationToken, Task<int>> run)
    {
        SoakOptions options;
        try
        {
            options = SoakOptions.Read(args);
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync($"{e.Message}\n\n{SoakOptions.Usage}");
            return Wrong;
        }

        using var cancelled = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var watchdog = new Timer(_ => Abandon(), null, options.Length + Grace, Timeout.InfiniteTimeSpan);
        try
        {
            return await run(options, cancelled.Token);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("The run was canceled.");
            return Wrong;
        }
        catch (InvalidOperationException e)
        {
            // A process did not start, or ended when it should not have.
            await Console.Error.WriteLineAsync(e.Message);
            return Broken;
        }
        finally
        {
            ChildProcess.KillAll();
        }

        // The first signal ends the run in order; a second one kills the processes immediately.
        void End(PosixSignalContext signal)
        {
            if (cancelled.IsCancellationRequested)
                ChildProcess.KillAll();
            else
                signal.Cancel = true;
            cancelled.Cancel();
        }

        static void Abandon()
        {
            Console.Error.WriteLine("The run did not end by itself.");
            ChildProcess.KillAll();
            Environment.Exit(Broken);
        }
    }
}
