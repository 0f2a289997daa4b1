using System.Globalization;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Cosmos;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Operations.Health;

/// <summary>The readiness check: determines whether the instance can serve lookups.</summary>
/// <remarks>
/// <para>
/// A load balancer removes instances that are not ready. During a store outage, that would be every instance, even though they can still
/// serve cached users. An instance is therefore not ready only if it cannot serve any lookup: no range of the feed has confirmed its users
/// within the staleness bound, the store cannot be reached, and the settings allow no stale results or the cache is empty. In the other failure
/// cases, the instance is <c>degraded</c> and keeps receiving requests:
/// </para>
/// <list type="bullet">
/// <item>Only the feed fails, or some of its ranges: their users expire after MaxStaleness, and the store is read more often.</item>
/// <item>Only the store fails: cached users are served, and other lookups get 503, as they would from any other instance.</item>
/// <item>Both fail, and stale results are allowed (<c>Lookup__StaleIfError</c>): cached users are served.</item>
/// </list>
/// <para>
/// An instance is also not ready while the definition of the container has not been read, or differs from the settings.
/// </para>
/// <para>
/// Any client can send health requests, as often as every second. The check therefore uses the outcomes of the instance's own calls. Only
/// if there is no recent outcome, it sends a probe to the store, and concurrent health requests share the probe.
/// </para>
/// </remarks>
internal sealed class Readiness(
    FreshnessTracker freshness,
    ChangeFeedFollower follower,
    UserCache cache,
    IUserStore store,
    CosmosConnection connection,
    StoreCounters calls,
    UserCacheOptions options,
    TimeProvider time)
{
    private enum Share
    {
        None,
        Some,
        All,

        /// <summary>The ranges are not polled on purpose, but may be for the next request.</summary>
        NotFollowed,
    }

    private static readonly TimeSpan SuccessLifetime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FailureLifetime = TimeSpan.FromSeconds(1);

    /// <summary>The key that the probe reads. Whether such a user exists is irrelevant.</summary>
    private static readonly UserKey ProbeKey = UserKey.Create("readiness");

    private readonly Lock _gate = new();
    private Task<bool>? _probe;
    private bool? _isReachable;
    private long _probedAt;

    public async ValueTask<ReadinessState> CheckAsync(CancellationToken cancellationToken)
    {
        var reachable = RecentState() ?? await ProbeOnceAsync(cancellationToken);
        var (followed, feed) = Feed();

        // The feed and the store can respond although no user may be read.
        if (connection.Check?.State is { AllowsReads: false } container)
            return new ReadinessState(ReadinessStatus.NotReady, [feed, new HealthCheckReport("store", "failing", container.Detail)]);

        var status = (followed, reachable) switch
        {
            (Share.All or Share.NotFollowed, true) => ReadinessStatus.Ready,
            (Share.None or Share.NotFollowed, false) when options.StaleIfError == TimeSpan.Zero || cache.IsEmpty => ReadinessStatus.NotReady,
            _ => ReadinessStatus.Degraded,
        };
        return new ReadinessState(status, [feed, Store(reachable)]);
    }

    /// <summary>Determines which share of the feed ranges confirms its users within the staleness bound.</summary>
    private (Share Followed, HealthCheckReport Report) Feed()
    {
        // A range that is not polled on purpose is healthy.
        var all = follower.Ranges;
        FeedRangeState[] ranges = [.. all.Where(range => !range.IsNotFollowed)];
        if (all.Count > 0 && ranges.Length == 0)
            return (follower.IsPaused ? Share.All : Share.NotFollowed, new HealthCheckReport("feed", "ok", NotFollowed(all)));
        if (ranges.All(range => range.Lag is null))
            return (Share.None, new HealthCheckReport("feed", "failing", "The change feed is not armed, so it does not yet confirm any cached entry."));

        // While there are no lookups, polling is paused. The next lookup resumes it.
        var isPaused = follower.IsPaused;
        var behind = ranges.Count(range => range.Lag is not { } lag || (!isPaused && lag > options.MaxStaleness));
        if (behind > 0 && behind < ranges.Length)
            return (Share.Some, new HealthCheckReport("feed", "failing", $"{behind} of the {ranges.Length} ranges of the change feed do not confirm their users."));
        if (isPaused)
            return (Share.All, new HealthCheckReport("feed", "ok", Paused(all)));

        var text = string.Create(CultureInfo.InvariantCulture, $"The change feed last confirmed all cached entries {ranges.Max(range => range.Lag)!.Value.TotalSeconds:0.###} s ago.");
        return behind == 0
            ? (Share.All, new HealthCheckReport("feed", "ok", text))
            : (Share.None, new HealthCheckReport("feed", "failing", text));
    }

    private string NotFollowed(IReadOnlyList<FeedRangeState> ranges)
    {
        if (follower.IsPaused)
            return Paused(ranges);
        return ranges.All(range => range.Lag is null)
            ? "The change feed has not been polled to its end yet. It is polled as soon as that does not cost more than it saves."
            : "The change feed is not followed at present, because that would cost more than it saves.";
    }

    private string Paused(IReadOnlyList<FeedRangeState> ranges)
    {
        var reason = cache.IsEmpty ? "the cache is empty" : "there are no lookups";
        return ranges.All(range => range.Lag is not null)
            ? $"The change feed is armed; polling is paused because {reason}."
            : $"Polling of the change feed is paused because {reason}.";
    }

    private static HealthCheckReport Store(bool reachable) => reachable
        ? new HealthCheckReport("store", "ok", "The user store responds.")
        : new HealthCheckReport("store", "failing", "The user store does not respond.");

    /// <summary>
    /// Determines from the instance's own calls whether the store is reachable; returns <see langword="null"/> if no recent call shows it.
    /// </summary>
    private bool? RecentState()
    {
        var (responded, failed) = (calls.LastResponseAge, calls.LastFailureAge);
        if (failed is { } bad && (responded is null || bad < responded))
            return bad <= FailureLifetime ? false : null;
        if (responded <= SuccessLifetime || freshness.ConfirmedAge <= options.MaxStaleness)
            return true;
        return null;
    }

    /// <summary>
    /// Returns the result of a recent probe, or starts one. While a probe is in flight, the result of the previous one, if any, is returned.
    /// </summary>
    private async ValueTask<bool> ProbeOnceAsync(CancellationToken cancellationToken)
    {
        Task<bool> probe;
        lock (_gate)
        {
            if (_isReachable is { } known && time.GetElapsedTime(_probedAt) < (known ? SuccessLifetime : FailureLifetime))
                return known;

            _probe ??= ProbeAsync();
            if (_isReachable is { } earlier && !_probe.IsCompleted)
                return earlier;
            probe = _probe;
        }

        return await probe.WaitAsync(cancellationToken);
    }

    private async Task<bool> ProbeAsync()
    {
        await Task.Yield(); // not under the lock
        var isReachable = await IsReachableAsync();
        lock (_gate)
        {
            _isReachable = isReachable;
            _probedAt = time.GetTimestamp();
            _probe = null;
        }

        return isReachable;
    }

    private async Task<bool> IsReachableAsync()
    {
        using var deadline = new CancellationTokenSource(options.ReadDeadline, time);
        try
        {
            await store.ReadAsync(ProbeKey, null, deadline.Token);
            return true;
        }
        catch (Exception e) when (e is UserStoreException or OperationCanceledException)
        {
            return e is UserStoreException { Failure: UserStoreFailure.Throttled or UserStoreFailure.Behind };
        }
    }
}

/// <summary>The readiness of the instance, with the individual checks.</summary>
internal sealed record ReadinessState(ReadinessStatus Status, IReadOnlyList<HealthCheckReport> Checks);

/// <summary>Specifies whether the instance can serve lookups.</summary>
internal enum ReadinessStatus
{
    /// <summary>The feed is followed, and the store is reachable.</summary>
    Ready,

    /// <summary>The feed or the store fails, but lookups are served: at a higher cost, or only for cached users.</summary>
    Degraded,

    /// <summary>No lookup can be served, unless the request accepts stale results.</summary>
    NotReady,
}
