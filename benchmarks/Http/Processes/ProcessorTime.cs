using System.Globalization;
using System.Runtime.InteropServices;
using Lookup.Support;

namespace Lookup.Benchmarks.Http.Processes;

/// <summary>The processor time of a process.</summary>
internal static class ProcessorTime
{
    /// <summary>The name of the tiered-compilation thread, of which Linux keeps fifteen characters.</summary>
    private const string Compiler = ".NET Tiered Com";

    /// <summary>
    /// Returns the time of all threads, including those that have ended. On Linux it uses the process's CPU clock, which has a resolution
    /// of nanoseconds; the process statistics have one of 10 ms.
    /// </summary>
    public static TimeSpan Of(ChildProcess process)
    {
        if (OperatingSystem.IsLinux() && ClockOf(process.Id, out var clock) == 0 && Read(clock, out var time) == 0)
            return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000);
        return process.ProcessorTime;
    }

    /// <summary>Returns the time of the compiler's thread, or zero if there is none.</summary>
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
                // The thread has ended in the meantime.
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
