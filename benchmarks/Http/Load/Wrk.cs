using System.Globalization;
using Lookup.Benchmarks.Http.Processes;
using Lookup.Benchmarks.Shared;
using Lookup.Support;

namespace Lookup.Benchmarks.Http.Load;

/// <summary>The load generator: <c>wrk</c>, as Debian has it.</summary>
internal sealed class Wrk(Cpus cpus)
{
    /// <exception cref="BenchmarkException">It is not installed.</exception>
    public static Task CheckAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Tools.Find("wrk") is null
            ? throw new BenchmarkException("The load generator wrk is not installed; install it with: sudo apt-get install wrk")
            : Task.CompletedTask;
    }

    /// <summary>Loads a server for one turn. A server that has yet to be compiled may not answer at all within it.</summary>
    /// <exception cref="BenchmarkException">Some requests failed.</exception>
    public async Task<WrkResult> RunAsync(ServerProcess server, string script, int connections, TimeSpan turn, CancellationToken cancellation)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, script, cancellation);
            var before = server.Cpu;
            var said = await RunAsync(
                [
                    "wrk", "--threads", Text(Math.Min(connections, cpus.LoadCount)), "--connections", Text(connections),
                    "--duration", $"{Text(Math.Max(1, (int)turn.TotalSeconds))}s", "--timeout", "10s", "--script", file, server.Address.ToString(),
                ],
                cancellation);
            return Read(said, server.Cpu - before);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<string> RunAsync(string[] command, CancellationToken cancellation)
    {
        var whole = Pinning.Command(cpus.Load, command);
        var (_, output, error) = await ChildProcess.RunAsync(whole[0], whole[1..], [], cancellation);
        return $"{output}\n{error}";
    }

    private static WrkResult Read(string said, TimeSpan cpu)
    {
        var line = said.Split('\n').FirstOrDefault(text => text.StartsWith(WrkScript.Mark, StringComparison.Ordinal))
            ?? throw new BenchmarkException($"wrk did not come to an end:{Environment.NewLine}{said}");
        var counts = line.Split(' ').Skip(1).Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return counts is [var requests, var duration, var bytes, var p50, var p99, 0, 0]
            ? new WrkResult(
                requests, TimeSpan.FromMicroseconds(duration), (double)bytes / requests,
                TimeSpan.FromMicroseconds(p50), TimeSpan.FromMicroseconds(p99), cpu)
            : throw new BenchmarkException($"Some requests failed:{Environment.NewLine}{said}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What one turn came to.</summary>
/// <param name="Requests">Answers, all of them proper.</param>
/// <param name="Duration">How long the turn took.</param>
/// <param name="BytesPerAnswer">Header and body, on average.</param>
/// <param name="P50">The median time from request to answer.</param>
/// <param name="P99">The time that 99 of 100 answers came within.</param>
/// <param name="Cpu">What the server took of the processors.</param>
internal sealed record WrkResult(long Requests, TimeSpan Duration, double BytesPerAnswer, TimeSpan P50, TimeSpan P99, TimeSpan Cpu)
{
    public double PerSecond => Requests / Duration.TotalSeconds;

    public double CpuMicroseconds => Cpu.TotalMicroseconds / Requests;
}
