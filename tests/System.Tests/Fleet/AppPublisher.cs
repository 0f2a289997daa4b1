using System.Diagnostics;
using System.Reflection;

namespace Lookup.System.Tests.Fleet;

/// <summary>Publishes a project of this repository from its sources, as a person would.</summary>
internal static class AppPublisher
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    /// <summary>Gets the folder that this was built from.</summary>
    public static string RepositoryRoot => typeof(AppPublisher).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "RepositoryRoot").Value!;

    /// <param name="project">The project's folder below <c>src</c>.</param>
    /// <param name="output">Where the published folder is put.</param>
    /// <param name="scratch">For intermediate files: the ones in the source folders belong to the build that runs these tests.</param>
    /// <param name="cancellationToken">Ends the publishing process.</param>
    /// <exception cref="InvalidOperationException">It could not be published; the message has the whole output.</exception>
    public static async Task PublishAsync(string project, string output, string scratch, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet",
        [
            "publish", Path.Combine(RepositoryRoot, "src", project), "--output", output,
            "--artifacts-path", scratch, "--disable-build-servers", "--use-current-runtime", "-p:NuGetAudit=false",
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var inherited in start.Environment.Keys.Where(IsOfTheTestRun).ToList())
            start.Environment.Remove(inherited);

        using var publish = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var text = publish.StandardOutput.ReadToEndAsync(bound.Token);
            var error = publish.StandardError.ReadToEndAsync(bound.Token);
            await publish.WaitForExitAsync(bound.Token);
            if (publish.ExitCode != 0)
                throw new InvalidOperationException($"{project} could not be published:\n{await text}\n{await error}");
        }
        finally
        {
            if (!publish.HasExited)
                publish.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The command that runs tests tells its children where its own build tools are; another publish must find its own.</summary>
    private static bool IsOfTheTestRun(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("TESTINGPLATFORM", StringComparison.OrdinalIgnoreCase);
}
