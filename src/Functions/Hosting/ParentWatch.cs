namespace Lookup.Functions.Hosting;

/// <summary>
/// A watch that stops this process when the Functions host that started it has exited. A process that outlived its host would keep its
/// memory and continue to poll the change feed without serving requests.
/// </summary>
/// <remarks>
/// <c>parentId</c> returns the parent's process id, which changes when the parent exits; <c>exit</c> ends this process immediately.
/// </remarks>
internal sealed partial class ParentWatch(
    Func<int> parentId,
    Action<int> exit,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ParentWatch> logger) : IHostedService, IDisposable
{
    /// <summary>The interval of the checks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The time after startup in which the first request must arrive. The host of a custom handler sends <c>GET /</c> many times per second, starting before
    /// the process listens, and stops after 30 seconds.
    /// </summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    /// <summary>The time that a graceful stop may take. A request that hangs would extend it much further.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    /// <summary>The exit code of a process that did not stop within <see cref="Grace"/> after its host had exited.</summary>
    private const int Orphaned = 3;

    private readonly Lock _gate = new();
    private readonly int _parent = parentId();
    private ITimer? _timer;
    private long _startedAt;
    private volatile bool _hasSeenHost;
    private bool _isStopping;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _startedAt = time.GetTimestamp();
            _timer = time.CreateTimer(static watch => ((ParentWatch)watch!).Check(), this, Interval, Interval);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // If the host is gone, the timer is kept because it bounds the duration of this stop.
            if (!_isStopping)
                _timer?.Dispose();
        }

        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>Records a request or a connection of the host, which shows that it was running after this process had read its parent's id.</summary>
    public void NoteHost()
    {
        if (!_hasSeenHost)
            _hasSeenHost = true;
    }

    /// <summary>Stops this process because its connection to the host has ended, even if the host is still running.</summary>
    public void Disconnected()
    {
        lock (_gate)
        {
            if (_isStopping || lifetime.ApplicationStopping.IsCancellationRequested)
                return;

            _isStopping = true;
            _timer?.Change(Grace, Timeout.InfiniteTimeSpan);
        }

        LogDisconnected();
        lifetime.StopApplication();
    }

    private void Check()
    {
        bool isOrphanFromTheStart;
        lock (_gate)
        {
            if (_isStopping)
            {
                exit(Orphaned);
                return;
            }

            // If the host exited before this process read its parent's id, that id already belongs to another process and never changes.
            isOrphanFromTheStart = !_hasSeenHost && time.GetElapsedTime(_startedAt) >= Silence;
            if (parentId() == _parent && !isOrphanFromTheStart)
                return;

            _isStopping = true;
            _timer!.Change(Grace, Timeout.InfiniteTimeSpan);
        }

        // Outside the lock, because stopping calls back into this service.
        if (isOrphanFromTheStart)
            LogNoRequest(Silence);
        else
            LogExited(_parent);
        lifetime.StopApplication();
    }

    [LoggerMessage(1401, LogLevel.Warning, "The Functions host (process {Parent}) has exited; this process stops too.")]
    private partial void LogExited(int parent);

    [LoggerMessage(1404, LogLevel.Warning, "The Functions host has ended the stream of invocations; this process stops too.")]
    private partial void LogDisconnected();

    [LoggerMessage(1403, LogLevel.Warning, "No request arrived within {Silence} after startup, so the Functions host has exited; this process stops too.")]
    private partial void LogNoRequest(TimeSpan silence);
}
