using System.Globalization;

namespace Lookup.Benchmarks.Shared;

/// <summary>Keeps processes on given cores, with <c>taskset</c>.</summary>
public static class Pinning
{
    /// <summary>The name of the program that does it.</summary>
    public const string Program = "taskset";

    /// <summary>Gets whether processes can be kept on given cores on this machine.</summary>
    public static bool IsPossible => Tools.Find(Program) is not null;

    /// <summary>Returns the list of cores from one to another, as <c>taskset</c> takes it.</summary>
    public static string Range(int first, int last) =>
        first == last ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}");

    /// <summary>Returns the command that runs another command on given cores.</summary>
    /// <param name="cpus">The cores; <see langword="null"/> for all.</param>
    /// <param name="command">The other command.</param>
    public static string[] Command(string? cpus, params IEnumerable<string> command) =>
        cpus is null ? [.. command] : [Program, "--cpu-list", cpus, .. command];
}
