using System.Globalization;

namespace Lookup.Functions.Hosting;

/// <summary>The limits of the process that bound how many connections it can have.</summary>
/// <param name="MemoryBytes">The memory that is available to the process, in bytes. In a container it is three quarters of the container's memory.</param>
/// <param name="Handles">The maximum number of open handles (<c>ulimit -n</c>), or <see langword="null"/> if there is no such limit.</param>
internal sealed record MachineLimits(long MemoryBytes, long? Handles)
{
    private const string LimitsFile = "/proc/self/limits";
    private const string HandlesRow = "Max open files";

    /// <summary>Gets limits that bound nothing.</summary>
    public static MachineLimits None { get; } = new(long.MaxValue, null);

    /// <summary>Reads the limits of this process.</summary>
    public static MachineLimits Read() => new(
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, File.Exists(LimitsFile) ? HandlesIn(File.ReadLines(LimitsFile)) : null);

    /// <summary>
    /// Returns the soft limit of handles in the lines of <c>/proc/self/limits</c>. The runtime has raised it to the hard limit at startup.
    /// </summary>
    public static long? HandlesIn(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            if (line.StartsWith(HandlesRow, StringComparison.Ordinal)
                && line[HandlesRow.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..]
                && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var handles))
            {
                return handles;
            }
        }

        return null; // unlimited
    }
}
