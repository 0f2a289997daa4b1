using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Lookup.Benchmarks.Http.Processes;

/// <summary>One server in a process of its own, ended when this is disposed.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private ServerProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    /// <summary>What the process has taken of the processors so far, user and system together.</summary>
    public TimeSpan Cpu => ProcessorTime.Of(_process);

    /// <summary>What of it its compiler has taken; it falls back when the compiler's thread ends for want of work.</summary>
    public TimeSpan CompilerCpu => ProcessorTime.OfCompiler(_process);

    /// <summary>Starts a program, and waits until it says where it listens.</summary>
    /// <exception cref="BenchmarkProblem">It ended, or did not say.</exception>
    public static async Task<ServerProcess> StartAsync(
        IReadOnlyList<string> command,
        string? cpus,
        CancellationToken cancellation,
        params (string Name, string Value)[] environment)
    {
        string[] whole = cpus is null ? [.. command] : ["taskset", "--cpu-list", cpus, .. command];
        var start = new ProcessStartInfo(whole[0], whole.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var process = Process.Start(start) ?? throw new BenchmarkProblem($"{whole[0]} could not be started.");
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new Queue<string>();
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var end = process.WaitForExitAsync(ended.Token);
            var first = await Task.WhenAny(listening.Task, end).WaitAsync(Patience, TimeProvider.System, cancellation);
            await ended.CancelAsync();
            if (first == end)
                throw new TimeoutException();
            return new ServerProcess(process, await listening.Task);
        }
        catch (Exception e)
        {
            await EndAsync(process);
            if (e is not TimeoutException)
                throw;
            lock (said)
                throw new BenchmarkProblem($"{string.Join(' ', command)} does not listen:{Environment.NewLine}{string.Join(Environment.NewLine, said)}");
        }

        void Hear(string? line)
        {
            if (line is null)
                return;
            if (Listening().Match(line) is { Success: true } match)
                listening.TrySetResult(new Uri(match.Groups[1].Value));
            lock (said)
            {
                said.Enqueue(line);
                if (said.Count > 20)
                    said.Dequeue();
            }
        }
    }

    public ValueTask DisposeAsync() => new(EndAsync(_process));

    private static async Task EndAsync(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }

        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    /// <summary>What would make one run differ from the next: settings of the service and of telemetry in the caller's environment.</summary>
    private static bool IsForeign(string name) =>
        name.StartsWith("OTEL_", StringComparison.Ordinal)
        || name.StartsWith("Lookup__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("CosmosConnection", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("FUNCTIONS_", StringComparison.Ordinal)
        || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
        || name.StartsWith("APPLICATIONINSIGHTS_", StringComparison.Ordinal);

    [GeneratedRegex(@"(?:Now listening on|Cosmos DB endpoint): +(http://\S+)")]
    private static partial Regex Listening();
}
