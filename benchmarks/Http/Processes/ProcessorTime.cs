using System.Globalization;
using System.Runtime.InteropServices;
using Lookup.Support;

namespace Lookup.Benchmarks.Http.Processes;

/// <summary>What a process has taken of the processors.</summary>
internal static class ProcessorTime
{
    /// <summary>The thread on which the runtime compiles again what runs often; Linux keeps fifteen characters of its name.</summary>
    private const string Compiler = ".NET Tiered Com";

    /// <summary>All threads, those too that have ended. On Linux by the process's own clock, which counts nanoseconds; its statistics count hundredths of a second.</summary>
    public static TimeSpan Of(ChildProcess process)
    {
        if (OperatingSystem.IsLinux() && ClockOf(process.Id, out var clock) == 0 && Read(clock, out var time) == 0)
            return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000);
        return process.ProcessorTime;
    }

    /// <summary>The compiler's thread; zero where there is none.</summary>
    public static TimeSpan OfCompiler(ChildProcess process)
    {
        var total = TimeSpan.Zero;
        var threads = new DirectoryInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/task"));
        foreach (var thread in threads.Exists ? threads.GetDirectories() : [])
        {
            try
            {
                if (File.ReadAllText(Path.Combine(thread.FullName, "comm")).TrimEnd() == Compiler)
                {
                    var nanoseconds = File.ReadAllText(Path.Combine(thread.FullName, "schedstat")).Split(' ')[0];
                    total += TimeSpan.FromMicroseconds(long.Parse(nanoseconds, CultureInfo.InvariantCulture) / 1000);
                }
            }
            catch (IOException)
            {
                // The thread has ended meanwhile.
            }
        }

        return total;
    }

    [DllImport("libc", EntryPoint = "clock_getcpuclockid", ExactSpelling = true)]
    private static extern int ClockOf(int process, out int clock);

    [DllImport("libc", EntryPoint = "clock_gettime", ExactSpelling = true)]
    private static extern int Read(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
