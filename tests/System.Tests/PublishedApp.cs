using System.Diagnostics;
using System.Reflection;
using Lookup.System.Tests;
using Lookup.System.Tests.Driver;

[assembly: AssemblyFixture(typeof(PublishedApp))]

namespace Lookup.System.Tests;

/// <summary>The function app as <c>dotnet publish</c> leaves it, made once for all tests.</summary>
public sealed class PublishedApp : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly string _folder = Directory.CreateTempSubdirectory("lookup-published-").FullName;

    /// <summary>What would be zipped and deployed.</summary>
    public string Root => Path.Combine(_folder, "app");

    /// <summary>The functions that the folder describes.</summary>
    internal IReadOnlyList<FunctionFolder> Functions =>
        [.. Directory.GetDirectories(Root).Where(FunctionFolder.IsOne).Select(FunctionFolder.Read)];

    public async ValueTask InitializeAsync()
    {
        var repository = typeof(PublishedApp).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "RepositoryRoot").Value!;

        // With intermediate files of its own: the ones in the source folders belong to the build that runs these tests.
        var start = new ProcessStartInfo("dotnet",
        [
            "publish", Path.Combine(repository, "src", "Functions"), "--output", Root,
            "--artifacts-path", Path.Combine(_folder, "build"), "--disable-build-servers", "--use-current-runtime", "-p:NuGetAudit=false",
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = _folder,
        };
        foreach (var inherited in start.Environment.Keys.Where(IsOfTheTestRun).ToList())
            start.Environment.Remove(inherited);
        using var publish = Process.Start(start)!;
        using var bound = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            var output = publish.StandardOutput.ReadToEndAsync(bound.Token);
            var error = publish.StandardError.ReadToEndAsync(bound.Token);
            await publish.WaitForExitAsync(bound.Token);
            Assert.True(publish.ExitCode == 0, $"The app could not be published:\n{await output}\n{await error}");
        }
        finally
        {
            if (!publish.HasExited)
                publish.Kill(entireProcessTree: true);
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>The command that runs tests tells its children where its own build tools are; another publish must find its own.</summary>
    private static bool IsOfTheTestRun(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("TESTINGPLATFORM", StringComparison.OrdinalIgnoreCase);
}
