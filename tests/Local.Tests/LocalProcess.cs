using System.Diagnostics;
using System.Text;

namespace Lookup.Local.Tests;

/// <summary>The built program, run as a person would run it.</summary>
internal sealed class LocalProcess : IAsyncDisposable
{
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

    /// <summary>Starts the program.</summary>
    /// <param name="environment">Settings of the service.</param>
    /// <param name="args">The flags.</param>
    public static LocalProcess Start(IEnumerable<(string Name, string Value)> environment, params string[] args)
    {
        var start = Signals.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Lookup.Local.dll"), .. args]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new LocalProcess(Process.Start(start)!);
    }

    /// <inheritdoc cref="Start(IEnumerable{ValueTuple{string, string}}, string[])"/>
    public static LocalProcess Start(params string[] args) => Start([], args);

    /// <summary>Ends when it says that it is ready.</summary>
    public Task AwaitReadyAsync() => AwaitAsync(_ready.Task, "got ready");

    /// <summary>Ends when it says where the Cosmos DB endpoint is: from then on it writes users.</summary>
    public Task AwaitEndpointAsync() => AwaitAsync(_endpoint.Task, "had an endpoint");

    public Task SignalAsync(string name) => Signals.SendAsync(name, _process.Id);

    /// <summary>Waits for its end.</summary>
    public async Task<(int ExitCode, string Error)> AwaitEndAsync()
    {
        await Eventually.EndsAsync(_process.WaitForExitAsync(TestContext.Current.CancellationToken), "the program ends");
        await _outputRead;
        return (_process.ExitCode, await _errorRead);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _outputRead;
        _process.Dispose();
    }

    private async Task AwaitAsync(Task<bool> happened, string what)
    {
        var did = await Eventually.EndsAsync(happened, $"the program {what}");
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
