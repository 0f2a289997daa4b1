using System.Globalization;

namespace Lookup.Benchmarks.Shared;

/// <summary>Pins processes to cores, with <c>taskset</c>.</summary>
public static class Pinning
{
    /// <summary>The name of the program that pins processes.</summary>
    public const string Program = "taskset";

    /// <summary>Gets a value that indicates whether this machine can pin processes to cores.</summary>
    public static bool IsPossible => Tools.Find(Program) is not null;

    /// <summary>Returns the list of cores from one to another, in the format of <c>taskset</c>.</summary>
    public static string Range(int first, int last) =>
        first == last ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}");

    /// <summary>Returns the command that runs another command on given cores.</summary>
    /// <param name="cpus">The cores; <see langword="null"/> for all.</param>
    /// <param name="command">The other command.</param>
    public static string[] Command(string? cpus, params IEnumerable<string> command) =>
        cpus is null ? [.. command] : [Program, "--cpu-list", cpus, .. command];
}
