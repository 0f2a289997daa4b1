using System.Globalization;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Operations.Health;

/// <summary>Finds out whether the instance can answer lookups.</summary>
/// <remarks>
/// <para>
/// A load balancer takes out whoever is not ready, and while the store is down that would be everybody. So an instance is not ready only
/// where it could answer nothing: the feed has not confirmed what memory holds within the promise, the store cannot be reached, and the
/// settings allow no stale answers, or memory has none. Anything less is <c>degraded</c>, and stays in:
/// </para>
/// <list type="bullet">
/// <item>the feed fails alone: memory is a cache whose users live for MaxStaleness, and the store is read more often;</item>
/// <item>the store fails alone: who is in memory is answered, and all others are 503, which no other instance could better;</item>
/// <item>both fail, and stale answers are allowed (<c>Lookup__StaleIfError</c>): who is in memory is answered.</item>
/// </list>
/// <para>
/// Anybody may ask, and every second: what is known from the work of the instance is used. Only where nothing was heard of the store
/// for a while is it asked, for all who want to know at once.
/// </para>
/// </remarks>
internal sealed class Readiness(
    FreshnessTracker freshness,
    ChangeFeedFollower follower,
    UserCache cache,
    IUserStore store,
    StoreCounters calls,
    UserCacheOptions options,
    TimeProvider time)
{
    private static readonly TimeSpan GoodNewsLast = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BadNewsLast = TimeSpan.FromSeconds(1);

    /// <summary>Any answer about it will do. Whether there is such a user makes no difference.</summary>
    private static readonly UserKey Anybody = UserKey.Create("readiness");

    private readonly Lock _gate = new();
    private Task<bool>? _asking;
    private bool? _answered;
    private long _answeredAt;

    public async ValueTask<ReadinessState> CheckAsync(CancellationToken cancellationToken)
    {
        var reachable = KnownOfStore() ?? await AskAsync(cancellationToken);
        var (isFollowed, feed) = Feed();
        var status = (isFollowed, reachable) switch
        {
            (true, true) => ReadinessStatus.Ready,
            (false, false) when options.StaleIfError == TimeSpan.Zero || cache.IsEmpty => ReadinessStatus.NotReady,
            _ => ReadinessStatus.Degraded,
        };
        return new ReadinessState(status, [feed, Store(reachable)]);
    }

    private (bool IsFollowed, HealthCheckReport Report) Feed()
    {
        if (freshness.ConfirmedAge is not { } age)
            return (false, new HealthCheckReport("feed", "failing", "The change feed is not armed: it covers nothing yet."));

        // Nobody looks users up: the feed is not polled, and the first who asks wakes it.
        if (follower.IsPaused)
            return (true, new HealthCheckReport("feed", "ok", "The change feed is armed; polling is paused, since nobody looks users up."));

        var text = string.Create(CultureInfo.InvariantCulture, $"The change feed confirmed everything {age.TotalSeconds:0.###} s ago.");
        return age <= options.MaxStaleness
            ? (true, new HealthCheckReport("feed", "ok", text))
            : (false, new HealthCheckReport("feed", "failing", text));
    }

    private static HealthCheckReport Store(bool reachable) => reachable
        ? new HealthCheckReport("store", "ok", "The user store answers.")
        : new HealthCheckReport("store", "failing", "The user store does not answer.");

    /// <summary>What the instance's own calls say of the store; <see langword="null"/> where they say nothing recent.</summary>
    private bool? KnownOfStore()
    {
        var (answered, failed) = (calls.LastResponseAge, calls.LastFailureAge);
        if (failed is { } bad && (answered is null || bad < answered))
            return bad <= BadNewsLast ? false : null;
        if (answered <= GoodNewsLast || freshness.ConfirmedAge <= options.MaxStaleness)
            return true;
        return null;
    }

    /// <summary>Asks the store, unless that was just done. Where an earlier answer is known it holds until the new one is there.</summary>
    private async ValueTask<bool> AskAsync(CancellationToken cancellationToken)
    {
        Task<bool> asking;
        lock (_gate)
        {
            if (_answered is { } known && time.GetElapsedTime(_answeredAt) < (known ? GoodNewsLast : BadNewsLast))
                return known;

            _asking ??= ProbeAsync();
            if (_answered is { } earlier && !_asking.IsCompleted)
                return earlier;
            asking = _asking;
        }

        return await asking.WaitAsync(cancellationToken);
    }

    private async Task<bool> ProbeAsync()
    {
        await Task.Yield(); // not under the lock
        var answered = await IsAnsweredAsync();
        lock (_gate)
        {
            _answered = answered;
            _answeredAt = time.GetTimestamp();
            _asking = null;
        }

        return answered;
    }

    private async Task<bool> IsAnsweredAsync()
    {
        using var deadline = new CancellationTokenSource(options.ReadDeadline, time);
        try
        {
            await store.ReadAsync(Anybody, null, deadline.Token);
            return true;
        }
        catch (Exception e) when (e is UserStoreException or OperationCanceledException)
        {
            return e is UserStoreException { Failure: UserStoreFailure.Throttled or UserStoreFailure.Behind };
        }
    }
}

/// <summary>Whether the instance can answer lookups, and what that rests on.</summary>
internal sealed record ReadinessState(ReadinessStatus Status, IReadOnlyList<HealthCheckReport> Checks);

/// <summary>Whether the instance can answer lookups.</summary>
internal enum ReadinessStatus
{
    /// <summary>The feed is followed, and the store can be reached.</summary>
    Ready,

    /// <summary>One of the two is missing: lookups are answered all the same, at a higher price or only those in memory.</summary>
    Degraded,

    /// <summary>No lookup that asks for nothing special can be answered.</summary>
    NotReady,
}
