using System.Collections;
using System.Reflection;

namespace Lookup.Support;

/// <summary>Publishes projects of this repository from their sources, as for a deployment.</summary>
public static class Publisher
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    /// <summary>Gets the root folder of the sources that this assembly was built from.</summary>
    public static string RepositoryRoot { get; } = typeof(Publisher).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == nameof(RepositoryRoot)).Value!;

    /// <summary>Publishes a project with <c>dotnet publish</c>.</summary>
    /// <param name="project">The folder of the project below the repository's root: <c>src/Functions</c>.</param>
    /// <param name="output">The folder for the published files.</param>
    /// <param name="scratch">The folder for intermediate files: those in the source folders belong to the build of this process.</param>
    /// <param name="cancellationToken">Ends publishing.</param>
    /// <exception cref="InvalidOperationException">The project could not be published; the message contains the whole output.</exception>
    public static async Task PublishAsync(string project, string output, string scratch, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var publish = ChildProcess.Start(
            "dotnet",
            [
                "publish", Path.Combine(RepositoryRoot, project), "--output", output,
                "--artifacts-path", scratch, "--disable-build-servers", "--use-current-runtime", "-p:NuGetAudit=false", "-p:CosmosDBTrigger=false",
            ],
            Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => (string)entry.Key).Where(IsOfTheTestRun).Select(name => (name, (string?)null)),
            Path.GetTempPath());
        if (await publish.WaitForExitAsync(bound.Token) != 0)
            throw new InvalidOperationException($"{project} could not be published:\n{string.Join('\n', publish.Lines)}");
    }

    /// <summary>
    /// Publishes a project, and keeps its intermediate files for the next time, in whatever process, so that only what has changed since is
    /// compiled again.
    /// </summary>
    /// <param name="project">The folder of the project below the repository's root.</param>
    /// <param name="output">The folder for the published files, which does not exist yet.</param>
    /// <param name="cancellationToken">Ends publishing.</param>
    /// <exception cref="InvalidOperationException">The project could not be published; the message contains the whole output.</exception>
    public static async Task PublishAgainAsync(string project, string output, CancellationToken cancellationToken)
    {
        var scratch = Path.Combine(RepositoryRoot, "artifacts", "tests");
        Directory.CreateDirectory(scratch);
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var turn = await FileTurn.TakeAsync(Path.Combine(scratch, "publish.lock"), bound.Token);
        await PublishAsync(project, output, scratch, cancellationToken);
    }

    /// <summary>
    /// Determines whether a variable was set by the command that runs tests. It passes the location of its build tools to its children,
    /// but another publish must find its own.
    /// </summary>
    private static bool IsOfTheTestRun(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("TESTINGPLATFORM", StringComparison.OrdinalIgnoreCase);
}
