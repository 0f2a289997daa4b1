using Lookup.Domain.SharedTier;
using Lookup.Functions.SharedTier.Guarding;
using Lookup.Functions.SharedTier.Sealing;

namespace Lookup.Functions.SharedTier;

/// <summary>The shared tier as the service uses it: the server, sealed if there is a key, and guarded.</summary>
/// <remarks>
/// It is opened after the first attempt to reach the server, successful or not. Otherwise, each of the first lookups would wait for a connection that
/// is being established.
/// </remarks>
internal sealed class ServiceTier : IDisposable
{
    /// <summary>The key with which the server is contacted. No entry has it.</summary>
    private const string ContactKey = "lookup:contact";

    private static readonly TimeSpan ContactLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ContactPause = TimeSpan.FromMilliseconds(100);

    private readonly ISharedTier _server;
    private readonly SealedTier? _sealed;
    private readonly GuardedTier _guarded;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<bool> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isClosed;

    /// <param name="server">The server. It is disposed with this object.</param>
    /// <param name="name">A description of the server without secrets.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="readsChanged">The callback of <see cref="GuardedTierOptions.ReadsChanged"/>.</param>
    /// <param name="time">The clock.</param>
    public ServiceTier(ISharedTier server, string name, SharedTierSettings settings, Action<bool> readsChanged, TimeProvider time)
    {
        (_server, Name, _time) = (server, name, time);
        _sealed = settings.Keys is { } keys ? new SealedTier(server, keys) : null;
        _guarded = new GuardedTier(_sealed ?? server, new GuardedTierOptions { Timeout = settings.Timeout, ReadsChanged = readsChanged }, time);
    }

    /// <summary>Gets a description of the server without secrets.</summary>
    public string Name { get; }

    /// <summary>Gets a value that indicates whether entries are sealed.</summary>
    public bool IsSealed => _sealed is not null;

    /// <summary>Gets the tier for the cache.</summary>
    public ISharedTier Tier => _guarded;

    /// <summary>Gets a value that indicates whether the cache may use the tier.</summary>
    public bool IsOpen => _opened.Task is { IsCompletedSuccessfully: true, Result: true } && !_isClosed;

    /// <summary>Gets the tier for snapshots of the feed, which are larger than the values for which the guarded one is made. No request waits for them.</summary>
    public ISharedTier SnapshotTier => _sealed ?? _server;

    /// <summary>Gets a value that indicates whether lookups read the tier: it is open and has responded recently.</summary>
    public bool ServesReads => IsOpen && _guarded.ServesReads;

    /// <summary>Gets the counters of the calls to the server.</summary>
    public TierStatistics Statistics => _guarded.Statistics;

    /// <summary>Gets the number of values that no key could open.</summary>
    public long Unopened => _sealed?.Unopened ?? 0;

    /// <summary>Lets the cache use the tier.</summary>
    public void Open() => _opened.TrySetResult(true);

    /// <summary>Waits until the tier is open, or is closed for good.</summary>
    /// <returns>A value that indicates whether the cache may use the tier.</returns>
    public async Task<bool> WaitUntilOpenAsync(CancellationToken cancellationToken) => await _opened.Task.WaitAsync(cancellationToken) && IsOpen;

    /// <summary>Waits for the first response of the server, for 2 seconds at most.</summary>
    /// <returns><see langword="null"/> if the server has responded; otherwise, the reason.</returns>
    public async Task<string?> ContactAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(ContactLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var reason = "It did not respond in time.";
        try
        {
            while (true)
            {
                try
                {
                    await _server.GetAsync(ContactKey, either.Token);
                    return null;
                }
                catch (SharedTierException cause)
                {
                    reason = cause.Message;
                }

                await Task.Delay(ContactPause, _time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return reason;
        }
    }

    /// <summary>Closes the connections without waiting for calls in flight. The cache reads from the store from then on.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isClosed, true))
            return;
        _opened.TrySetResult(false);
        _guarded.Dispose();
    }
}
