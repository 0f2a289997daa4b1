using System.Globalization;
using Lookup.Benchmarks.Http.Processes;
using Lookup.Benchmarks.Shared;
using Lookup.Support;

namespace Lookup.Benchmarks.Http.Load;

/// <summary>The load generator <c>wrk</c>, in the version packaged by Debian.</summary>
internal sealed class Wrk(Cpus cpus)
{
    /// <exception cref="BenchmarkException">wrk is not installed.</exception>
    public static Task CheckAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return Tools.Find("wrk") is null
            ? throw new BenchmarkException("The load generator wrk is not installed; install it with: sudo apt-get install wrk")
            : Task.CompletedTask;
    }

    /// <summary>Loads a server for one turn. A server whose code is not yet compiled may send no response during the turn.</summary>
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
            ?? throw new BenchmarkException($"wrk did not finish:{Environment.NewLine}{said}");
        var counts = line.Split(' ').Skip(1).Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return counts is [var requests, var duration, var bytes, var p50, var p99, 0, 0]
            ? new WrkResult(
                requests, TimeSpan.FromMicroseconds(duration), (double)bytes / requests,
                TimeSpan.FromMicroseconds(p50), TimeSpan.FromMicroseconds(p99), cpu)
            : throw new BenchmarkException($"Some requests failed:{Environment.NewLine}{said}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The result of one turn.</summary>
/// <param name="Requests">The number of responses, all of them valid.</param>
/// <param name="Duration">The length of the turn.</param>
/// <param name="BytesPerResponse">The average size of a response, header and body.</param>
/// <param name="P50">The median latency.</param>
/// <param name="P99">The 99th percentile of the latency.</param>
/// <param name="Cpu">The processor time of the server.</param>
internal sealed record WrkResult(long Requests, TimeSpan Duration, double BytesPerResponse, TimeSpan P50, TimeSpan P99, TimeSpan Cpu)
{
    public double PerSecond => Requests / Duration.TotalSeconds;

    public double CpuMicroseconds => Cpu.TotalMicroseconds / Requests;
}
