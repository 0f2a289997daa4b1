using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lookup.Local.Tests;

/// <summary>The built program, run as a person would run it.</summary>
internal sealed class LocalProcess : IAsyncDisposable
{
    // Generous, since the machine may be busy with other tests; nothing waits this long unless it fails.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<bool> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _endpoint = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _outputRead;
    private readonly Task<string> _errorRead;

    private LocalProcess(Process process)
    {
        _process = process;
        _outputRead = ReadOutputAsync();
        _errorRead = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What it printed by now.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static LocalProcess Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Lookup.Local.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return new LocalProcess(Process.Start(start)!);
    }

    /// <summary>Ends when it says that it is ready.</summary>
    public Task AwaitReadyAsync() => AwaitAsync(_ready.Task, "got ready");

    /// <summary>Ends when it says where the Cosmos DB endpoint is: from then on it writes users.</summary>
    public Task AwaitEndpointAsync() => AwaitAsync(_endpoint.Task, "had an endpoint");

    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for the end within a bound.</summary>
    public async Task<(int ExitCode, string Error)> AwaitEndAsync(TimeSpan bound)
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(bound, TimeProvider.System);
        await _outputRead;
        return (_process.ExitCode, await _errorRead);
    }

    /// <inheritdoc cref="AwaitEndAsync(TimeSpan)"/>
    public Task<(int ExitCode, string Error)> AwaitEndAsync() => AwaitEndAsync(Patience);

    /// <summary>The first of so many free ports in a row.</summary>
    /// <remarks>
    /// They lie below those that systems give to outgoing connections and to whoever asks for any port: such a one could be gone
    /// again before it is used, since every other test connects to something.
    /// </remarks>
    public static int FindFreePorts(int count)
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var first = Random.Shared.Next(20_000, 30_000);
            if (Enumerable.Range(first, count).All(IsFree))
                return first;
        }

        throw new InvalidOperationException($"No {count} free ports in a row were found on 127.0.0.1 from 20000 on.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _outputRead;
        _process.Dispose();
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task AwaitAsync(Task<bool> happened, string what)
    {
        var did = await happened.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(did, did ? "" : $"It ended before it {what}. It printed:\n{Output}{await _errorRead}");
    }

    private async Task ReadOutputAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lock (_output)
                _output.AppendLine(line);
            if (line.StartsWith("Cosmos DB endpoint", StringComparison.Ordinal))
                _endpoint.TrySetResult(true);
            if (line.StartsWith("Ready", StringComparison.Ordinal))
                _ready.TrySetResult(true);
        }

        _endpoint.TrySetResult(false);
        _ready.TrySetResult(false);
    }
}
