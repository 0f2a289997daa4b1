using Lookup.Domain.Caching;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Functions.Telemetry;

namespace Lookup.Functions.Probe;

/// <summary>
/// Watches the promise from outside, in the manner of Polaris: takes what a client would get from memory as fresh, reads the same user
/// straight from the store, and, where the two differ, looks whether memory still says the old thing when the promise says it may not.
/// </summary>
/// <remarks>
/// <para>
/// A violation is never a race, and no clock but this instance's monotonic one is in the argument. Memory gave version A as fresh at t₁.
/// After t₁ a read was sent, and by s it had brought version B: B is not A, and not older than A. So A had been superseded at s. At t₂,
/// surely more than the promise after s, memory is asked again. If it still gives A as fresh, then that answer misses a change that
/// was there for longer than the promise: entity tags never come again, so A cannot have become right once more. Anything else that
/// memory gives at t₂ proves nothing, and is let go.
/// </para>
/// <para>
/// «No such user» has no entity tag, and may become right again. So where A is that, a second read after t₂ must bring B itself: then the
/// user was there without a break from s to t₂.
/// </para>
/// <para>
/// What is let go: a difference that memory overcomes between s and t₂, late though it may have been. The probe rather misses a violation
/// than invents one; a cache that is broken is caught by one of its many samples.
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
    /// <summary>Added to the promise: what the feed may need to show what a read shows.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>To the second is how exactly the store says when a version was written.</summary>
    private static readonly TimeSpan StampResolution = TimeSpan.FromSeconds(1);

    /// <summary>Charged against the budget where nothing is known of what a read has cost.</summary>
    private const double AssumedCharge = 1;

    /// <summary>Differences that wait for their second look; further ones are let go.</summary>
    private const int MostSuspicions = 256;

    private int _suspicions;

    /// <summary>Compares one user. Does not fail.</summary>
    /// <returns>What it has cost, in request units.</returns>
    public async Task<double> SampleAsync(UserKey key, CancellationToken cancellationToken)
    {
        // t₁ comes before the read is sent: what changes in between shows as a difference, and not as an old answer of memory.
        if (cache.Peek(key) is not { } held)
            return 0;

        var heldAt = time.GetUtcNow();
        if (await TryReadAsync(key, cancellationToken) is not { } read)
            return AssumedCharge;

        counters.AddSample(read.RequestCharge);
        if (IsSuperseded(held, read))
        {
            if (read.Document is { } newer && heldAt - newer.LastModified - StampResolution is var missed && missed > TimeSpan.Zero)
                counters.NoteStaleness(missed);
            if (Interlocked.Increment(ref _suspicions) <= MostSuspicions)
                _ = LookAgainAsync(key, held.Document?.ETag, read, time.GetTimestamp(), cancellationToken);
            else
                Interlocked.Decrement(ref _suspicions);
        }

        return read.RequestCharge;
    }

    private async Task LookAgainAsync(UserKey key, string? heldTag, StoreRead read, long readAt, CancellationToken cancellationToken)
    {
        try
        {
            // A deletion that the feed does not show is promised by another bound.
            var promise = read.Document is null ? options.MaxUnseenDelete ?? options.MaxStaleness : options.MaxStaleness;
            while (time.GetElapsedTime(readAt) is var elapsed && elapsed <= promise + Grace)
                await Task.Delay(promise + Grace - elapsed + TimeSpan.FromMilliseconds(1), time, cancellationToken);

            if (cache.Peek(key) is not { } held || held.Document?.ETag != heldTag)
                return;
            if (heldTag is null && !await IsStillAsync(key, read.Document!.ETag, cancellationToken))
                return;

            var staleness = time.GetElapsedTime(readAt);
            LogViolation(staleness, options.MaxStaleness);
            counters.NoteStaleness(staleness);
            counters.AddViolation();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop.
        }
        finally
        {
            Interlocked.Decrement(ref _suspicions);
        }
    }

    /// <summary>Whether a read brought another version than memory has, and none that is older.</summary>
    private static bool IsSuperseded(in LookupResult held, in StoreRead read)
    {
        if (held.Document is not { } have)
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
            return null; // a store that cannot answer proves nothing
        }
    }

    // Names no user. Whoever looks into it finds the request by its time.
    [LoggerMessage(1501, LogLevel.Warning,
        "The promise is broken: a user in memory counted as fresh {Staleness} after the store had another version; promised are {MaxStaleness}.")]
    private partial void LogViolation(TimeSpan staleness, TimeSpan maxStaleness);
}
