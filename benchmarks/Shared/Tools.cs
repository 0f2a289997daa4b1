namespace Lookup.Benchmarks.Shared;

/// <summary>Finds programs as a shell does.</summary>
public static class Tools
{
    /// <returns>The path, or <see langword="null"/> if the program is not installed.</returns>
    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
}
