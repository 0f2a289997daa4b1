using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lookup.Local;

/// <summary>A redis-server process on 127.0.0.1 that keeps nothing on the disk, and ends with this process, however that ends.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "redis-server";

    /// <summary>Runs the server until standard input ends. The other end of it belongs to this process, so it ends even if this process is killed.</summary>
    private const string Script = """
        exec 3<&0 2>&1
        "$@" 3<&- </dev/null &
        server=$!
        { read -r _ <&3; kill -s KILL $server; } 2>/dev/null &
        watch=$!
        wait $server
        status=$?
        kill $watch 2>/dev/null
        exit $status
        """;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    private readonly Process _process;
    private readonly TimeProvider _time;
    private volatile string _lastLine = "";

    private RedisServer(Process process, int port, TimeProvider time)
    {
        (_process, Port, _time) = (process, port, time);
        process.OutputDataReceived += Keep;
        process.BeginOutputReadLine();
    }

    public int Port { get; }

    /// <summary>Returns the path of the program.</summary>
    /// <param name="folders">The value of <c>PATH</c>.</param>
    /// <exception cref="LocalRunException">It is not installed.</exception>
    public static string Find(string? folders)
    {
        if (OperatingSystem.IsWindows())
            throw new LocalRunException($"--shared needs {Program}, which does not exist for Windows; use the Windows Subsystem for Linux, or set Lookup__SharedTier to a Redis.");

        return (folders ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, Program))
            .FirstOrDefault(File.Exists)
            ?? throw new LocalRunException(
                $"--shared needs {Program}, which is not in a folder of PATH. Install it, for example: apt-get install {Program} (Debian, Ubuntu), brew install redis (macOS).");
    }

    /// <summary>Starts the server. It accepts connections when the task completes.</summary>
    /// <exception cref="LocalRunException">The server ended, or does not accept connections.</exception>
    public static async Task<RedisServer> StartAsync(string program, TimeProvider time, CancellationToken cancellation)
    {
        var port = FindPort();
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", program, .. ArgumentsOf(port)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        var server = new RedisServer(Process.Start(start)!, port, time);
        try
        {
            await server.AwaitConnectionsAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the server, and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(StopTimeout, _time);
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static string[] ArgumentsOf(int port) =>
    [
        "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
        "--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru", "--loglevel", "warning",
    ];

    private static int FindPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task AwaitConnectionsAsync(CancellationToken cancellation)
    {
        var startedAt = _time.GetTimestamp();
        while (!await AcceptsConnectionsAsync(cancellation))
        {
            if (_process.HasExited)
            {
                await _process.WaitForExitAsync(cancellation); // until its output has been read
                throw new LocalRunException($"{Program} ended with exit code {_process.ExitCode}: {_lastLine}");
            }

            if (_time.GetElapsedTime(startedAt) > StartTimeout)
                throw new LocalRunException($"{Program} does not accept connections after {StartTimeout.TotalSeconds:N0} s: {_lastLine}");
            await Task.Delay(PollInterval, _time, cancellation);
        }
    }

    private async Task<bool> AcceptsConnectionsAsync(CancellationToken cancellation)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (!string.IsNullOrWhiteSpace(line.Data))
            _lastLine = line.Data.Trim();
    }
}
