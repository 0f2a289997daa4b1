using System.Globalization;
using System.Net.Sockets;

namespace Lookup.Support;

/// <summary>A redis-server or memcached process on 127.0.0.1 that keeps nothing on the disk.</summary>
public sealed class CacheServer : IDisposable
{
    private readonly string _program;
    private readonly string[] _arguments;
    private ChildProcess? _process;

    private CacheServer(string program, int port, string[] arguments) =>
        (_program, Port, _arguments) = (program, port, arguments);

    /// <summary>Gets the port, which stays the same when the server is started again.</summary>
    public int Port { get; }

    /// <summary>Gets the error message for a program that needs Redis, or <see langword="null"/> if it is installed.</summary>
    public static string? RedisProblem => Locate("redis-server") is null ? NotInstalled("redis-server") : null;

    /// <summary>Creates a Redis server that is not started. Skips the test if it is not installed.</summary>
    /// <param name="arguments">Its arguments, in addition to those that turn persistence off.</param>
    public static CacheServer Redis(params string[] arguments)
    {
        var port = FreePort.Next();
        return new CacheServer(
            Find("redis-server"),
            port,
            ["--port", Text(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", .. arguments]);
    }

    /// <summary>Creates a memcached server that is not started. Skips the test if it is not installed.</summary>
    /// <param name="arguments">Its arguments, in addition to those of the address.</param>
    public static CacheServer Memcached(params string[] arguments)
    {
        var port = FreePort.Next();
        string[] account = Environment.UserName == "root" ? ["-u", "root"] : [];
        return new CacheServer(Find("memcached"), port, ["-l", "127.0.0.1", "-p", Text(port), "-U", "0", "-t", "2", .. account, .. arguments]);
    }

    /// <summary>Starts the server, and waits until it accepts connections.</summary>
    public async Task StartAsync()
    {
        _process = ChildProcess.Start(_program, _arguments, workingDirectory: Path.GetTempPath());
        await Eventually.IsTrueAsync(
            async () =>
            {
                Assert.False(_process.HasExited, $"{_program} ended: {_process.Output}{_process.Error}");
                using var client = new TcpClient();
                try
                {
                    await client.ConnectAsync("127.0.0.1", Port, TestContext.Current.CancellationToken);
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            },
            $"{_program} accepts connections");
    }

    /// <summary>Stops the execution of the process, which keeps its connections (SIGSTOP).</summary>
    public Task FreezeAsync() => _process!.SignalAsync("STOP");

    /// <summary>Lets the process go on (SIGCONT).</summary>
    public Task ThawAsync() => _process!.SignalAsync("CONT");

    /// <summary>Kills the process.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Kills the process, if it is running.</summary>
    public void Dispose()
    {
        _process?.Dispose();
        _process = null;
    }

    private static string Find(string program)
    {
        var found = Locate(program);
        Assert.SkipWhen(found is null, NotInstalled(program));
        return found!;
    }

    private static string? Locate(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Append("/usr/sbin")
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);

    private static string NotInstalled(string program) =>
        $"{program} is not installed; on Debian: apt-get install redis-server memcached (or eng/install-servers.sh).";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
