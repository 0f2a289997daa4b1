using System.Text.Json;

namespace Lookup.Soak.Fleet;

/// <summary>One instance of the published service, at an address that it keeps across restarts.</summary>
internal sealed class ServiceInstance : IDisposable
{
    private readonly string _program;
    private readonly MachineSize? _machine;
    private readonly (string Name, string? Value)[] _environment;
    private readonly HttpClient _http;
    private readonly Lock _gate = new();
    private readonly List<(long From, long Until)> _disturbances = [];
    private ChildProcess? _process;

    /// <param name="program">The path of the published service.</param>
    /// <param name="number">The number of the instance, from 0.</param>
    /// <param name="environment">Its settings.</param>
    /// <param name="machine">The limits of its process, or null if it has those of this process.</param>
    public ServiceInstance(string program, int number, IEnumerable<(string Name, string? Value)> environment, MachineSize? machine = null)
    {
        _program = program;
        _machine = machine;
        Number = number;
        Port = FreePort.Next();
        _environment = [ChildProcess.WithoutInstrumentation, .. environment, .. machine?.Environment ?? []];
        _http = ServiceClient.Create(new Uri($"http://127.0.0.1:{Port}"), TimeSpan.FromSeconds(2));
    }

    public int Number { get; }

    public int Port { get; }

    /// <summary>Gets the process id, or 0 if there is no process.</summary>
    public int ProcessId => _process?.Id ?? 0;

    public IEnumerable<string> Lines => _process?.Lines ?? [];

    /// <summary>Starts the process, and waits until it responds.</summary>
    /// <exception cref="InvalidOperationException">The process ended, or did not respond in time.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        string[] command = [_program, "--urls", $"http://127.0.0.1:{Port}"];
        if (_machine is not null)
            command = _machine.Limit(command);
        _process = ChildProcess.Start(command[0], command[1..], _environment, Path.GetDirectoryName(_program));
        var began = SoakClock.Now;
        while (true)
        {
            if (_process.HasExited || SoakClock.Now - began > Eventually.Limit.Ticks)
                throw new InvalidOperationException($"Instance {Number} did not start:\n{string.Join('\n', _process.Lines)}");
            try
            {
                using var response = await _http.GetAsync(new Uri("/api/health/live", UriKind.Relative), cancellationToken);
                return;
            }
            catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>Ends the process immediately, as a crash would.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        await _process.KillAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Requests the process to end, and waits until it has ended.</summary>
    public async Task<bool> StopAsync(TimeSpan bound)
    {
        if (_process is null)
            return true;
        await _process.SignalAsync("TERM");
        var hasEnded = await _process.WaitForExitAsync(bound);
        await KillAsync();
        return hasEnded;
    }

    public Task FreezeAsync() => _process?.SignalAsync("STOP") ?? Task.CompletedTask;

    public Task ThawAsync() => _process?.SignalAsync("CONT") ?? Task.CompletedTask;

    /// <summary>Returns the state of the feed follower, or null if the instance does not respond.</summary>
    public async Task<FeedState?> FeedAsync(CancellationToken cancellationToken)
    {
        var began = SoakClock.Now;
        if (await StatisticsAsync(cancellationToken) is not { } statistics)
            return null;
        using (statistics)
        {
            var feed = statistics.RootElement.GetProperty("feed");
            var age = feed.TryGetProperty("confirmedAgeSeconds", out var seconds) && seconds.ValueKind == JsonValueKind.Number
                ? TimeSpan.FromSeconds(seconds.GetDouble())
                : (TimeSpan?)null;
            return new FeedState(began, feed.GetProperty("armed").GetBoolean(), age, feed.GetProperty("epoch").GetInt64());
        }
    }

    /// <summary>Returns the response of <c>/api/stats</c>, or null if there is none.</summary>
    public async Task<JsonDocument?> StatisticsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return JsonDocument.Parse(await _http.GetByteArrayAsync(new Uri("/api/stats", UriKind.Relative), cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Starts a period in which broken connections and delayed requests of this instance are not violations.</summary>
    public IDisposable Disturb(TimeSpan afterwards)
    {
        lock (_gate)
            _disturbances.Add((SoakClock.Now, long.MaxValue));
        var index = _disturbances.Count - 1;
        return new Ending(() =>
        {
            lock (_gate)
                _disturbances[index] = (_disturbances[index].From, SoakClock.Now + afterwards.Ticks);
        });
    }

    /// <summary>Returns the part of an interval during which the instance was disturbed.</summary>
    public long DisturbedWithin(long from, long until)
    {
        var total = 0L;
        lock (_gate)
        {
            foreach (var (start, end) in _disturbances)
                total += Math.Max(0, Math.Min(end, until) - Math.Max(start, from));
        }

        return total;
    }

    public void Dispose()
    {
        _process?.Dispose();
        _http.Dispose();
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}

/// <summary>The state of the feed follower of an instance.</summary>
/// <param name="AskedAt">The time of the request.</param>
/// <param name="IsArmed">A value that indicates whether the feed covers new reads.</param>
/// <param name="ConfirmedAge">The time since the feed last confirmed all entries, or null if it does not confirm them.</param>
/// <param name="Epoch">The epoch, which increases at every gap.</param>
internal sealed record FeedState(long AskedAt, bool IsArmed, TimeSpan? ConfirmedAge, long Epoch);
