namespace Lookup.Functions.Hosting.CustomHandler;

/// <summary>
/// Ends the process when the Functions host that started it is gone: a handler that outlived its host would keep its memory and go
/// on polling the change feed for nobody.
/// </summary>
/// <remarks><c>parentId</c> tells the parent's process id, which changes when the parent ends; <c>exit</c> ends this process at once.</remarks>
internal sealed partial class ParentWatch(
    Func<int> parentId,
    Action<int> exit,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ParentWatch> logger) : IHostedService, IDisposable
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long after the start the first request may come. The host asks for <c>GET /</c> many times a second from before the process
    /// listens, and gives up after 30 seconds.
    /// </summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    /// <summary>How long the ordinary way of stopping may take; with a request that hangs it would take much longer.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private const int Orphaned = 3;

    private readonly Lock _gate = new();
    private readonly int _parent = parentId();
    private ITimer? _timer;
    private long _startedAt;
    private volatile bool _isAsked;
    private bool _isGone;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _startedAt = time.GetTimestamp();
            _timer = time.CreateTimer(static watch => ((ParentWatch)watch!).Look(), this, Interval, Interval);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Once the parent is gone the timer stays: it bounds this very stop.
            if (!_isGone)
                _timer?.Dispose();
        }

        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>Says that a request has come, so the host was there after this process had found out its parent.</summary>
    public void Asked()
    {
        if (!_isAsked)
            _isAsked = true;
    }

    private void Look()
    {
        bool isOrphanFromTheStart;
        lock (_gate)
        {
            if (_isGone)
            {
                exit(Orphaned);
                return;
            }

            // Where the host ended before this process asked for its parent's id, that is another process's already, and never changes.
            isOrphanFromTheStart = !_isAsked && time.GetElapsedTime(_startedAt) >= Silence;
            if (parentId() == _parent && !isOrphanFromTheStart)
                return;

            _isGone = true;
            _timer!.Change(Grace, Timeout.InfiniteTimeSpan);
        }

        // Outside the lock: stopping calls back into this service.
        if (isOrphanFromTheStart)
            LogNeverAsked(Silence);
        else
            LogGone(_parent);
        lifetime.StopApplication();
    }

    [LoggerMessage(1401, LogLevel.Warning, "The Functions host (process {Parent}) is gone: this process ends too.")]
    private partial void LogGone(int parent);

    [LoggerMessage(1403, LogLevel.Warning, "No request has come for {Silence} after the start, so the Functions host is gone: this process ends too.")]
    private partial void LogNeverAsked(TimeSpan silence);
}
