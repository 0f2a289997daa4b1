using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Caching;

// Requests that cannot be served from the cache immediately: they use the feed, and then the store.
public sealed partial class UserCache
{
    private async ValueTask<LookupResult> GetWithReadAsync(
        LookupTarget target,
        StampedEntry? entry,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        // The coarse clock can read a few milliseconds ahead, so from here on the exact time is used.
        var began = _clock.Now;
        if (entry is not null && Permits(entry, began, directives, out var left))
            return Hit(entry, began, left);

        var (result, _) = await ResolveAsync(target, entry, began, directives, cancellationToken);
        return result;
    }

    /// <summary>Completes a request that could not be served from the cache immediately.</summary>
    /// <returns>The result and its entry. There is no entry if the request does not permit a read (<c>only-if-cached</c>).</returns>
    private async ValueTask<(LookupResult Result, StampedEntry? Entry)> ResolveAsync(
        LookupTarget target,
        StampedEntry? entry,
        long began,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        if (entry is not null && CanBeConfirmed(entry, began, directives, out var epoch) && BuysPoll(target, entry, epoch, directives))
        {
            // One poll usually confirms all users of the range, for all waiting requests.
            await _freshness.CatchUpAsync(epoch, _options.CatchUpTimeout, cancellationToken);
            entry = _memory.Find(target.CacheKey);
            var now = _clock.Now;
            if (entry is not null && Permits(entry, now, directives, out var left))
                return (Hit(entry, now, left), entry);
        }

        if (directives.OnlyIfCached)
            return (new LookupResult { Status = LookupStatus.NotCached }, null);

        var source = SourceOf(entry, began);
        var (outcome, isCollapsed) = directives.Session is null
            ? await ReadAsync(target, EarliestRead(began, directives), directives, cancellationToken, MayComeFromTier(directives))
            : await ReadInSessionAsync(target, began, directives, cancellationToken);
        if (outcome.Read is { } read)
            return (Completed(read, source, isCollapsed), read.Entry);

        if (InsteadOfError(target, source, outcome, directives) is { } cached)
            return cached;

        outcome.Failure!.Throw();
        throw new UnreachableException();
    }

    private async ValueTask<(ReadOutcome Outcome, bool IsCollapsed)> ReadAsync(
        LookupTarget target,
        long earliest,
        ReadDirectives directives,
        CancellationToken cancellationToken,
        bool asksTier = false)
    {
        while (true)
        {
            if (CheckBudget(directives) is { } overBudget)
                return (Failed(overBudget), false);
            if (_flights.JoinOrStart(target, shared: !directives.NoStore, earliest, directives.Budget, hasPlace: false, asksTier) is not { } waiter)
                return (Failed(_flights.Overloaded()), false);
            if (!waiter.IsJoined)
                _reader.Start(waiter.Flight);
            var outcome = await _reader.WaitAsync(waiter, cancellationToken);

            if (outcome.Read is not { } read || !IsTooEarly(read, waiter, earliest, directives))
                return (outcome, waiter.IsJoined);

            // An entry of the tier is an unconfirmed one like any other: a poll confirms it, or the store is read, whichever costs less.
            if (read.IsFromTier && await ConfirmAsync(target, read, directives, cancellationToken) is { } confirmed)
                return (new ReadOutcome(confirmed, null), waiter.IsJoined);
            asksTier &= !read.IsFromTier;

            // The read of that flight was sent too early for this request. There is at most one attached flight for each key, so all
            // requests in this situation share the next one: they join it or, if it has already completed, use the entry that it stored.
            if (_memory.Find(target.CacheKey) is { } entry && !IsTooEarly(entry, earliest))
                return (new ReadOutcome(new CompletedRead(entry, IsStored: true, IsRevalidated: false, TimeSpan.Zero), null), true);
        }
    }

    /// <summary>Determines whether a read that a request has joined was sent too early for it, or shows a user whose time to live is over.</summary>
    private bool IsTooEarly(StampedEntry entry, long earliest) => entry.ReadStartedAt < earliest || entry.HasEnded(_clock.Now);

    /// <summary>Returns the failure of a request whose budget is spent, or <see langword="null"/> if it may send a read.</summary>
    private static UserStoreException? CheckBudget(in ReadDirectives directives) =>
        directives.Budget is not { } budget || budget.Allows(out var wait)
            ? null
            : new UserStoreException(UserStoreFailure.OverBudget, "The caller's request unit budget is spent.") { RetryAfter = wait };

    private static ReadOutcome Failed(UserStoreException exception) => new(null, ExceptionDispatchInfo.Capture(exception));

    private LookupSource SourceOf(StampedEntry? entry, long began)
    {
        if (entry is null)
            return LookupSource.Miss;
        return TimeToLive(entry, began) >= 0 ? LookupSource.Request : LookupSource.Stale;
    }

    private LookupResult Completed(CompletedRead read, LookupSource source, bool isCollapsed)
    {
        var counter = source switch
        {
            LookupSource.Miss => _counters.Misses,
            LookupSource.Stale => _counters.Stale,
            _ => _counters.Requested,
        };
        counter.Increment();
        if (isCollapsed)
            _counters.Collapsed.Increment();
        if (read.IsRevalidated)
            _counters.Revalidated.Increment();

        return Describe(read.Entry, _clock.Now, source) with
        {
            // A read that was sent after the request began, or was joined within the bound, satisfies the request whatever its duration.
            IsStale = false,
            IsCollapsed = isCollapsed,
            IsStored = read.IsStored,
            IsRevalidated = read.IsRevalidated,
            IsFromSharedTier = read.IsFromTier,
            StoreDuration = read.Duration,
        };
    }

    /// <summary>Returns the cached result that is allowed instead of an error. If there is none, counts a failure.</summary>
    private (LookupResult Result, StampedEntry Entry)? InsteadOfError(
        LookupTarget target,
        LookupSource source,
        in ReadOutcome outcome,
        in ReadDirectives directives)
    {
        if (outcome.Failure?.SourceException is not UserStoreException)
            return null;

        var now = _clock.Now;
        if (_memory.Find(target.CacheKey) is not { } entry || !PermitsInsteadOfError(entry, now, directives))
        {
            _counters.Failures.Increment();
            return null;
        }

        var result = Describe(entry, now, source) with { IsInsteadOfError = true };
        if (result.IsStale)
            _counters.ServedStale.Increment();
        return (result, entry);
    }
}
