using Lookup.Support;

namespace Lookup.Benchmarks.Http.Processes;

/// <summary>The commands that start the programs: as published, or as built together with this one.</summary>
internal sealed record Programs(IReadOnlyList<string> Service, IReadOnlyList<string> Contenders, string HowMade)
{
    /// <summary>Gets the command of the store endpoint, which is not measured and runs as built.</summary>
    public static IReadOnlyList<string> Emulator { get; } = Built("Lookup.Emulator");

    public static Programs AsBuilt { get; } = new(Built("Lookup.Functions"), Built("Lookup.Benchmarks.Http.Servers"), "release builds");

    /// <summary>Publishes the measured programs, as for a deployment.</summary>
    /// <exception cref="BenchmarkException">A program could not be published.</exception>
    public static async Task<Programs> PublishAsync(CancellationToken cancellation)
    {
        // Kept between runs and separate from other builds, so that publishing again takes only seconds.
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
            "all published alike (`dotnet publish`: ReadyToRun)");
    }

    private static string[] Built(string name) => ["dotnet", Path.Combine(AppContext.BaseDirectory, $"{name}.dll")];
}
