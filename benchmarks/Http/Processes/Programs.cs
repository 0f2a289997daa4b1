using Lookup.Support;

namespace Lookup.Benchmarks.Http.Processes;

/// <summary>How each program is started: as published, or as it was built beside this one.</summary>
internal sealed record Programs(IReadOnlyList<string> Service, IReadOnlyList<string> Contenders, string HowMade)
{
    /// <summary>The endpoint of the store is not what is measured: it runs as built.</summary>
    public static IReadOnlyList<string> Emulator { get; } = Built("Lookup.Emulator");

    public static Programs AsBuilt { get; } = new(Built("Lookup.Functions"), Built("Lookup.Benchmarks.Http.Servers"), "release builds");

    /// <summary>Publishes what is measured, as a person would for a deployment.</summary>
    /// <exception cref="BenchmarkException">It could not be published.</exception>
    public static async Task<Programs> PublishAsync(CancellationToken cancellation)
    {
        // Kept between runs, and apart from the files of other builds: the second time takes seconds.
        var folder = Path.Combine(Publisher.RepositoryRoot, "benchmarks", "Http", "bin", "published");
        var (service, contenders) = (Path.Combine(folder, "Functions"), Path.Combine(folder, "Http.Servers"));
        try
        {
            await Publisher.PublishAsync("src/Functions", service, Path.Combine(folder, "build"), cancellation);
            await Publisher.PublishAsync("benchmarks/Http.Servers", contenders, Path.Combine(folder, "build"), cancellation);
        }
        catch (InvalidOperationException e)
        {
            throw new BenchmarkException(e.Message);
        }

        return new Programs(
            [Path.Combine(service, "Lookup.Functions")],
            [Path.Combine(contenders, "Lookup.Benchmarks.Http.Servers")],
            "all published alike (`dotnet publish`: self-contained, ReadyToRun)");
    }

    private static string[] Built(string name) => ["dotnet", Path.Combine(AppContext.BaseDirectory, $"{name}.dll")];
}
