using System.Collections;
using System.Text.RegularExpressions;
using Lookup.Benchmarks.Shared;
using Lookup.Support;

namespace Lookup.Benchmarks.Http.Processes;

/// <summary>One server in a process of its own, ended when this is disposed.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private ServerProcess(ChildProcess process, Uri address)
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
    /// <exception cref="BenchmarkException">It ended, or did not say.</exception>
    public static async Task<ServerProcess> StartAsync(
        IReadOnlyList<string> command,
        string? cpus,
        CancellationToken cancellation,
        params (string Name, string Value)[] environment)
    {
        var whole = Pinning.Command(cpus, command);
        var process = ChildProcess.Start(whole[0], whole[1..], [.. Foreign().Select(name => (name, (string?)null)), .. environment]);
        try
        {
            if (await process.LineAsync(Listening().IsMatch).WaitAsync(Patience, TimeProvider.System, cancellation) is { } line)
                return new ServerProcess(process, new Uri(Listening().Match(line).Groups[1].Value));
        }
        catch (TimeoutException)
        {
            // As if it had ended.
        }
        catch
        {
            await EndAsync(process);
            throw;
        }

        await EndAsync(process);
        throw new BenchmarkException(
            $"{string.Join(' ', command)} does not listen:{Environment.NewLine}{string.Join(Environment.NewLine, process.Lines.TakeLast(20))}");
    }

    public ValueTask DisposeAsync() => new(EndAsync(_process));

    private static async Task EndAsync(ChildProcess process)
    {
        await process.KillAsync();
        process.Dispose();
    }

    private static IEnumerable<string> Foreign() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => (string)entry.Key).Where(IsForeign);

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
