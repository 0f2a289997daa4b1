using System.Diagnostics;
using System.Reflection;

namespace Lookup.Benchmarks.Http.Processes;

/// <summary>How each program is started: as published, or as it was built beside this one.</summary>
internal sealed record Programs(IReadOnlyList<string> Service, IReadOnlyList<string> Contenders, string HowMade)
{
    /// <summary>The endpoint of the store is not what is measured: it runs as built.</summary>
    public static IReadOnlyList<string> Emulator { get; } = Built("Lookup.Emulator");

    public static Programs AsBuilt { get; } = new(Built("Lookup.Functions"), Built("Lookup.Benchmarks.Http.Servers"), "release builds");

    /// <summary>Publishes what is measured, as a person would for a deployment.</summary>
    /// <exception cref="BenchmarkProblem">It could not be published.</exception>
    public static async Task<Programs> PublishAsync(CancellationToken cancellation)
    {
        var repository = typeof(Programs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "RepositoryRoot").Value!;

        // Kept between runs, and apart from the files of other builds: the second time takes seconds.
        var folder = Path.Combine(repository, "benchmarks", "Http", "bin", "published");
        foreach (var project in (string[])["src/Functions", "benchmarks/Http.Servers"])
            await PublishAsync(Path.Combine(repository, project), folder, cancellation);
        return new Programs(
            [Path.Combine(folder, "Functions", "Lookup.Functions")],
            [Path.Combine(folder, "Http.Servers", "Lookup.Benchmarks.Http.Servers")],
            "all published alike (`dotnet publish`: self-contained, ReadyToRun)");
    }

    private static async Task PublishAsync(string project, string folder, CancellationToken cancellation)
    {
        var output = Path.Combine(folder, Path.GetFileName(project));
        var start = new ProcessStartInfo("dotnet",
        [
            "publish", project, "--output", output, "--artifacts-path", Path.Combine(folder, "build"),
            "--use-current-runtime", "--disable-build-servers", "-p:NuGetAudit=false",
        ])
        {
            RedirectStandardOutput = true,
        };
        foreach (var inherited in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(inherited);
        using var publish = Process.Start(start)!;
        try
        {
            var said = await publish.StandardOutput.ReadToEndAsync(cancellation);
            await publish.WaitForExitAsync(cancellation);
            if (publish.ExitCode != 0)
                throw new BenchmarkProblem($"{project} could not be published:{Environment.NewLine}{said}");
        }
        finally
        {
            if (!publish.HasExited)
                publish.Kill(entireProcessTree: true);
        }
    }

    private static string[] Built(string name) => ["dotnet", Path.Combine(AppContext.BaseDirectory, $"{name}.dll")];
}
