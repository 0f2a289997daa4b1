using System.Diagnostics;
using System.Globalization;

namespace Lookup.Support;

/// <summary>Programs that are to heed signals.</summary>
public static class Signals
{
    private const int Interrupt = 2;

    /// <summary>The command that starts a program so that it heeds SIGINT.</summary>
    /// <remarks>
    /// A shell makes what it starts in the background ignore SIGINT, all children of that inherit it, and .NET leaves it so: where the
    /// tests themselves were started like that, a program would never hear the signal.
    /// </remarks>
    public static ProcessStartInfo Start(string program, IEnumerable<string> arguments) => IsIgnored(Interrupt)
        ? new ProcessStartInfo("env", ["--default-signal=INT", program, .. arguments])
        : new ProcessStartInfo(program, arguments);

    /// <summary>Sends a signal to a process.</summary>
    /// <param name="name">Such as <c>TERM</c>.</param>
    /// <param name="process">Its id.</param>
    public static async Task SendAsync(string name, int process)
    {
        using var kill = Process.Start("kill", ["-s", name, process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static bool IsIgnored(int signal)
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
            return false;

        var ignored = File.ReadLines(Status).Single(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)).AsSpan(7).Trim();
        return (ulong.Parse(ignored, NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1) & 1) != 0;
    }
}
