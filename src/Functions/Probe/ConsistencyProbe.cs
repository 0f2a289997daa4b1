using Lookup.Domain.Caching;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Probe;

/// <summary>
/// A black-box check of the staleness bound, in the manner of Polaris. It takes the fresh cached result that a client would get, reads the
/// same user directly from the store, and, if the two differ, checks whether the cache still serves the old version as fresh after the
/// bound has passed.
/// </summary>
/// <remarks>
/// <para>
/// A reported violation is never the effect of a race, and the argument uses no clock except this instance's monotonic clock. The cache
/// served version A as fresh at t₁. A read that was sent after t₁ had returned version B by s; B is not A, and not older than A. A had
/// therefore been superseded by s. At t₂, which is later than s by more than the bound, the cache is checked again. If it still serves A
/// as fresh, that result misses a change that had existed for longer than the bound: ETags are never reused, so A cannot have become
/// current again. Any other result at t₂ proves nothing and is discarded.
/// </para>
/// <para>
/// A result without a user has no ETag, and can become current again. If A is such a result, a second read after t₂ must return B itself.
/// The user then existed without interruption from s to t₂.
/// </para>
/// <para>
/// A difference that the cache resolves between s and t₂ is discarded, even if it was resolved too late. The probe favors false negatives
/// over false positives; over many samples, a broken cache is still detected.
/// </para>
/// </remarks>
internal sealed partial class ConsistencyProbe(
    UserCache cache,
    IUserStore store,
    ProbeCounters counters,
    UserCacheOptions options,
    TimeProvider time,
    ILogger<ConsistencyProbe> logger)
{
    /// <summary>The time added to the bound, in which the feed can show a change that a read has already shown.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>The resolution of the store's <c>_ts</c> timestamp.</summary>
    private static readonly TimeSpan StampResolution = TimeSpan.FromSeconds(1);

    /// <summary>The charge against the budget if the cost of a read is not known.</summary>
    private const double AssumedCharge = 1;

    /// <summary>The maximum number of differences that wait for their second check. Further ones are discarded.</summary>
    private const int MaxSuspicions = 256;

    private int _suspicions;

    /// <summary>Compares one cached user with the store. Does not throw if the store fails.</summary>
    /// <returns>The cost, in request units.</returns>
    public async Task<double> SampleAsync(UserKey key, CancellationToken cancellationToken)
    {
        // t₁ precedes the read: a change in between appears as a difference, not as an outdated cached result.
        if (cache.Peek(key) is not { } cached)
            return 0;

        var cachedAt = time.GetUtcNow();
        if (await TryReadAsync(key, cancellationToken) is not { } read)
            return AssumedCharge;

        counters.AddSample(read.RequestCharge);
        if (IsSuperseded(cached, read))
        {
            if (read.Document is { } newer && cachedAt - newer.LastModified - StampResolution is var missed && missed > TimeSpan.Zero)
                counters.NoteStaleness(missed);
            if (Interlocked.Increment(ref _suspicions) <= MaxSuspicions)
                _ = RecheckAsync(key, cached.Document?.ETag, read, time.GetTimestamp(), cancellationToken);
            else
                Interlocked.Decrement(ref _suspicions);
        }

        return read.RequestCharge;
    }

    private async Task RecheckAsync(UserKey key, string? cachedTag, StoreRead read, long readAt, CancellationToken cancellationToken)
    {
        try
        {
            // For a delete that the feed does not show, another bound applies.
            var bound = read.Document is null ? options.MaxUnseenDelete ?? options.MaxStaleness : options.MaxStaleness;
            while (time.GetElapsedTime(readAt) is var elapsed && elapsed <= bound + Grace)
                await Task.Delay(bound + Grace - elapsed + TimeSpan.FromMilliseconds(1), time, cancellationToken);

            if (cache.Peek(key) is not { } cached || cached.Document?.ETag != cachedTag)
                return;
            if (cachedTag is null && !await IsStillAsync(key, read.Document!.ETag, cancellationToken))
                return;

            var staleness = time.GetElapsedTime(readAt);
            LogViolation(staleness, options.MaxStaleness);
            counters.NoteStaleness(staleness);
            counters.AddViolation();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The service is stopping.
        }
        finally
        {
            Interlocked.Decrement(ref _suspicions);
        }
    }

    /// <summary>Determines whether a read returned a different version than the cache, and not an older one.</summary>
    private static bool IsSuperseded(in LookupResult cached, in StoreRead read)
    {
        if (cached.Document is not { } have)
            return read.Document is not null;
        if (read.Document is not { } found)
            return true;
        return have.ETag != found.ETag
            && found.LastModified >= have.LastModified
            && (have.Lsn == 0 || found.Lsn == 0 || found.Lsn > have.Lsn);
    }

    private async Task<bool> IsStillAsync(UserKey key, string tag, CancellationToken cancellationToken)
    {
        if (await TryReadAsync(key, cancellationToken) is not { } read)
            return false;

        counters.AddSample(read.RequestCharge);
        return read.Document?.ETag == tag;
    }

    private async Task<StoreRead?> TryReadAsync(UserKey key, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.ReadDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await store.ReadAsync(key, null, either.Token);
        }
        catch (Exception e) when (e is UserStoreException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null; // a failed read proves nothing
        }
    }

    // The message contains no user id. An investigation finds the request by its time.
    [LoggerMessage(1501, LogLevel.Warning,
        "Staleness bound violated: a cached user counted as fresh {Staleness} after the store had another version; the bound is {MaxStaleness}.")]
    private partial void LogViolation(TimeSpan staleness, TimeSpan maxStaleness);
}
