using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Lookup.Support;

/// <summary>
/// A process that this one started, and the lines that it printed. It ends together with the processes that it started in turn: when it
/// is disposed, and at the latest when this process ends in an orderly way.
/// </summary>
public sealed class ChildProcess : IDisposable
{
    /// <summary>The maximum number of lines kept, which bounds the output of a process that runs for hours.</summary>
    private const int KeptLines = 10_000;

    private const int Interrupt = 2;

    /// <summary>
    /// The variable that turns off the instrumentation of code for dynamic PGO. A process that runs for seconds or a minute uses less
    /// processor time without it.
    /// </summary>
    public static readonly (string Name, string? Value) WithoutInstrumentation = ("DOTNET_TieredPGO", "0");

    private static readonly ConcurrentDictionary<int, Process> Living = new();

    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly Queue<(string Text, bool IsError)> _lines = new();
    private readonly List<(Func<string, bool> Condition, TaskCompletionSource<string?> Found)> _awaited = [];
    private readonly Task _outputRead;
    private readonly Task _errorRead;
    private bool _hasOutputEnded;

    static ChildProcess()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();
        AppDomain.CurrentDomain.UnhandledException += (_, _) => KillAll();
    }

    private ChildProcess(Process process)
    {
        _process = process;
        _outputRead = ReadOutputAsync();
        _errorRead = ReadAsync(process.StandardError, isError: true);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Gets the exit code, after the process has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Gets the memory that the process occupies, in bytes.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Gets the processor time that the process has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Gets the last lines of its output and its errors, in the order in which they arrived.</summary>
    public IReadOnlyList<string> Lines => LinesOf(isError: null);

    /// <summary>Gets the last lines of its output.</summary>
    public string Output => string.Join('\n', LinesOf(isError: false));

    /// <summary>Gets the last lines of its errors.</summary>
    public string Error => string.Join('\n', LinesOf(isError: true));

    /// <summary>Gets a task that completes when no process can print to its output or its errors any more: neither this one nor one that it started.</summary>
    public Task OutputEnded => Task.WhenAll(_outputRead, _errorRead);

    /// <summary>Starts a program that handles SIGINT.</summary>
    /// <remarks>
    /// A shell makes its background jobs ignore SIGINT, all their children inherit that, and .NET leaves it so. If this process was
    /// started like that, the program would never observe the signal.
    /// </remarks>
    /// <param name="program">The path of the program, or a name that is searched for in the usual places.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables in addition to those of this process; <see langword="null"/> removes one.</param>
    /// <param name="workingDirectory">Its working directory; that of this process by default.</param>
    public static ChildProcess Start(
        string program,
        IEnumerable<string> arguments,
        IEnumerable<(string Name, string? Value)>? environment = null,
        string? workingDirectory = null)
    {
        var start = IsIgnored(Interrupt)
            ? new ProcessStartInfo("env", ["--default-signal=INT", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        start.UseShellExecute = false;
        start.WorkingDirectory = workingDirectory ?? "";
        foreach (var (name, value) in environment ?? [])
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        Living[process.Id] = process;
        return new ChildProcess(process);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">The path of the program, or a name that is searched for in the usual places.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables in addition to those of this process; <see langword="null"/> removes one.</param>
    /// <param name="cancellationToken">Kills the program.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string program, IEnumerable<string> arguments, IEnumerable<(string Name, string? Value)> environment, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments, environment);
        var exitCode = await process.WaitForExitAsync(cancellationToken);
        return (exitCode, process.Output, process.Error);
    }

    /// <summary>Kills every child of this process.</summary>
    public static void KillAll()
    {
        foreach (var process in Living.Values)
            Kill(process);
        Living.Clear();
    }

    /// <summary>Sends a signal to a process that need not be a child of this one.</summary>
    /// <param name="id">The process.</param>
    /// <param name="signal">The signal without its prefix: <c>TERM</c>.</param>
    public static async Task SignalAsync(int id, string signal)
    {
        using var kill = Process.Start(
            new ProcessStartInfo("kill", ["-s", signal, id.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    /// <inheritdoc cref="SignalAsync(int, string)"/>
    public Task SignalAsync(string signal) => SignalAsync(Id, signal);

    /// <summary>Waits for the first line of its output that meets a condition, among those that it has printed already and those to come.</summary>
    /// <returns>The line; <see langword="null"/> if the output ends without one.</returns>
    public Task<string?> LineAsync(Func<string, bool> condition)
    {
        lock (_gate)
        {
            foreach (var (text, isError) in _lines)
            {
                if (!isError && condition(text))
                    return Task.FromResult<string?>(text);
            }

            if (_hasOutputEnded)
                return Task.FromResult<string?>(null);
            var found = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((condition, found));
            return found.Task;
        }
    }

    /// <summary>Waits until the process has ended and everything that it printed has been read.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await OutputEnded.WaitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Waits for the end of the process, no longer than a given time.</summary>
    /// <returns><see langword="true"/> if it has ended.</returns>
    public async Task<bool> WaitForExitAsync(TimeSpan bound)
    {
        using var timeout = new CancellationTokenSource(bound, TimeProvider.System);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Kills the process and those that it started, and waits until it has ended.</summary>
    public async Task KillAsync()
    {
        Kill(_process);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Kills the process and those that it started.</summary>
    public void Dispose()
    {
        Kill(_process);
        Living.TryRemove(new KeyValuePair<int, Process>(_process.Id, _process));
        _process.Dispose();
    }

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // The process has ended in the meantime.
        }
    }

    private static bool IsIgnored(int signal)
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
            return false;

        var ignored = File.ReadLines(Status).Single(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)).AsSpan(7).Trim();
        return (ulong.Parse(ignored, NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1) & 1) != 0;
    }

    private async Task ReadOutputAsync()
    {
        await ReadAsync(_process.StandardOutput, isError: false);
        lock (_gate)
        {
            _hasOutputEnded = true;
            foreach (var (_, found) in _awaited)
                found.SetResult(null);
            _awaited.Clear();
        }
    }

    private async Task ReadAsync(StreamReader reader, bool isError)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (_gate)
                Keep(line, isError);
        }
    }

    private void Keep(string line, bool isError)
    {
        _lines.Enqueue((line, isError));
        if (_lines.Count > KeptLines)
            _lines.Dequeue();
        if (isError)
            return;

        for (var i = _awaited.Count - 1; i >= 0; i--)
        {
            if (!_awaited[i].Condition(line))
                continue;
            _awaited[i].Found.SetResult(line);
            _awaited.RemoveAt(i);
        }
    }

    private string[] LinesOf(bool? isError)
    {
        lock (_gate)
            return [.. _lines.Where(line => isError is null || line.IsError == isError).Select(line => line.Text)];
    }
}
