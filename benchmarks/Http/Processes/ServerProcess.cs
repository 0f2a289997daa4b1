using System.Collections;
using System.Text.RegularExpressions;
using Lookup.Benchmarks.Shared;
using Lookup.Support;

namespace Lookup.Benchmarks.Http.Processes;

/// <summary>One server in a separate process, which ends when this object is disposed.</summary>
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

    /// <summary>Gets the user and system processor time of the process so far.</summary>
    public TimeSpan Cpu => ProcessorTime.Of(_process);

    /// <summary>Gets the processor time of the JIT compiler's thread. It drops to zero when the idle thread ends.</summary>
    public TimeSpan CompilerCpu => ProcessorTime.OfCompiler(_process);

    /// <summary>Starts a program, and waits until it prints the address on which it listens.</summary>
    /// <exception cref="BenchmarkException">The program ended, or did not print an address.</exception>
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
            // Treated as if the process had ended.
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

    /// <summary>
    /// Determines whether an inherited variable would make runs differ: settings of the service and of telemetry.
    /// </summary>
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
