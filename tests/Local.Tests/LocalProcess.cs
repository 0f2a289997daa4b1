namespace Lookup.Local.Tests;

/// <summary>The built program, run in a separate process.</summary>
internal sealed class LocalProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private LocalProcess(ChildProcess process) => _process = process;

    /// <summary>Gets the text that the program has printed so far.</summary>
    public string Output => _process.Output;

    /// <summary>Starts the program.</summary>
    /// <param name="environment">Settings of the service.</param>
    /// <param name="args">The flags.</param>
    public static LocalProcess Start(IEnumerable<(string Name, string? Value)> environment, params string[] args) =>
        new(ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Lookup.Local.dll"), .. args], environment));

    /// <inheritdoc cref="Start(IEnumerable{ValueTuple{string, string}}, string[])"/>
    public static LocalProcess Start(params string[] args) => Start([], args);

    /// <summary>Waits until the program reports that it is ready.</summary>
    public Task AwaitReadyAsync() => AwaitAsync("Ready", "becomes ready");

    /// <summary>Waits until the program prints the address of the Cosmos DB endpoint. From then on, it writes users.</summary>
    public Task AwaitEndpointAsync() => AwaitAsync("Cosmos DB endpoint", "prints its endpoint");

    public Task SignalAsync(string name) => _process.SignalAsync(name);

    /// <summary>Waits until the program ends.</summary>
    public async Task<(int ExitCode, string Error)> AwaitEndAsync()
    {
        var exitCode = await Eventually.EndsAsync(_process.WaitForExitAsync(TestContext.Current.CancellationToken), "the program ends");
        return (exitCode, _process.Error);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync();
        _process.Dispose();
    }

    private async Task AwaitAsync(string line, string what)
    {
        var printed = await Eventually.EndsAsync(_process.LineAsync(text => text.StartsWith(line, StringComparison.Ordinal)), $"the program {what}");
        Assert.True(printed is not null, printed is not null ? "" : $"The program ended before it {what}. It printed:\n{string.Join('\n', _process.Lines)}");
    }
}
