using System.Globalization;

namespace Lookup.Soak.Fleet;

/// <summary>The resources of a process as reported by the operating system.</summary>
/// <param name="ResidentBytes">Memory in use.</param>
/// <param name="Handles">Open files and sockets.</param>
/// <param name="Threads">Threads.</param>
/// <param name="ProcessorTime">The processor time used.</param>
internal readonly record struct ProcessVitals(long ResidentBytes, int Handles, int Threads, TimeSpan ProcessorTime)
{
    /// <summary>Returns the vitals of a process, or null if the process has ended.</summary>
    public static ProcessVitals? Of(int id)
    {
        try
        {
            var resident = File.ReadLines($"/proc/{id}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            var kilobytes = long.Parse(resident.AsSpan(6).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
            return new ProcessVitals(
                kilobytes * 1024,
                Directory.EnumerateFileSystemEntries($"/proc/{id}/fd").Count(),
                Directory.EnumerateFileSystemEntries($"/proc/{id}/task").Count(),
                ProcessorTimeIn(File.ReadAllText($"/proc/{id}/stat")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Returns the sum of the user and the system time, the fields 14 and 15. The second field, in parentheses, can contain blanks.</summary>
    private static TimeSpan ProcessorTimeIn(string stat)
    {
        const int UserTime = 11, SystemTime = 12, TicksPerSecond = 100;
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[UserTime], CultureInfo.InvariantCulture) + long.Parse(fields[SystemTime], CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds(ticks / (double)TicksPerSecond);
    }
}
