using System.Globalization;

namespace Lookup.Host.Tests.Driver;

/// <summary>
/// The process of the app, as a child of a shell. The shell represents the process of the Functions host, so that it can be killed.
/// </summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly ChildProcess _host;

    private HostProcess(ChildProcess host, int appId) => (_host, AppId) = (host, appId);

    /// <summary>Gets the process id of the app.</summary>
    public int AppId { get; }

    /// <summary>Gets the lines that the app has printed, each of which is an entry in the host's log.</summary>
    public IReadOnlyList<string> Lines => [.. _host.Lines.Where(line => line != $"{AppId}")];

    /// <summary>Gets a task that completes when the app has ended. The app keeps its output open while it runs, regardless of its parent.</summary>
    public Task AppEnded => _host.OutputEnded;

    /// <summary>Starts the app.</summary>
    /// <param name="program">The program of the app.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="environment">Variables in addition to those of this process.</param>
    /// <param name="folder">The working directory.</param>
    public static async Task<HostProcess> StartAsync(
        string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment, string folder)
    {
        var host = ChildProcess.Start(
            "/bin/sh",
            ["-c", "\"$0\" \"$@\" & echo \"$!\"; wait \"$!\"", program, .. arguments],
            [ChildProcess.WithoutInstrumentation, .. environment.Select(variable => (variable.Name, (string?)variable.Value))],
            folder);
        var id = await host.LineAsync(_ => true).WaitAsync(Cancel.Token);
        return new HostProcess(host, int.Parse(id!, CultureInfo.InvariantCulture));
    }

    public Task SignalAppAsync(string name) => ChildProcess.SignalAsync(AppId, name);

    /// <summary>Kills the shell that represents the host, as when the host crashes.</summary>
    public Task KillHostAsync() => _host.SignalAsync("KILL");

    /// <summary>Waits for the app to end, and returns its exit code: 137 if the app or its host was killed.</summary>
    public async Task<int> AwaitEndAsync()
    {
        await Eventually.EndsAsync(AppEnded, "the app ends");
        return await Eventually.EndsAsync(_host.WaitForExitAsync(Cancel.Token), "the shell that represents the host ends");
    }

    public async ValueTask DisposeAsync()
    {
        if (!AppEnded.IsCompleted)
            await SignalAppAsync("KILL");
        await _host.WaitForExitAsync(CancellationToken.None);
        _host.Dispose();
    }
}
