using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Caching;

// What a request does when memory cannot answer it at once: ask the feed, then the store.
public sealed partial class UserCache
{
    private async ValueTask<LookupResult> GetWithReadAsync(
        LookupTarget target,
        StampedEntry? entry,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        // A glance at the clock may show a few milliseconds too many. What follows goes by the exact time.
        var began = _clock.Now;
        if (entry is not null && Permits(entry, began, directives, out var left))
            return Hit(entry, began, left);

        var (answer, _) = await ResolveAsync(target, entry, began, directives, cancellationToken);
        return answer;
    }

    /// <summary>Answers a request that memory could not answer at once.</summary>
    /// <returns>The answer and the entry it was made from; no entry where the caller asked not to read.</returns>
    private async ValueTask<(LookupResult Answer, StampedEntry? Entry)> ResolveAsync(
        LookupTarget target,
        StampedEntry? entry,
        long began,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        if (entry is not null && CanBeConfirmed(entry, began, directives))
        {
            // One poll of each range usually confirms everything in memory, for all who wait.
            await _freshness.CatchUpAsync(_options.CatchUpTimeout, cancellationToken);
            entry = _memory.Find(target.CacheKey);
            var now = _clock.Now;
            if (entry is not null && Permits(entry, now, directives, out var left))
                return (Hit(entry, now, left), entry);
        }

        if (directives.OnlyIfCached)
            return (new LookupResult { Status = LookupStatus.NotCached }, null);

        var source = SourceOf(entry, began);
        var (outcome, collapsed) = await ReadAsync(target, EarliestRead(began, directives), directives, cancellationToken);
        if (outcome.Read is { } read)
            return (Completed(read, source, collapsed), read.Entry);

        if (InsteadOfError(target, source, outcome, directives) is { } standIn)
            return standIn;

        outcome.Failure!.Throw();
        throw new UnreachableException();
    }

    private async ValueTask<(ReadOutcome ReadOutcome, bool Collapsed)> ReadAsync(
        LookupTarget target,
        long earliest,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            if (MayNotSpend(directives) is { } overdrawn)
                return (Failed(overdrawn), false);
            if (_flights.JoinOrStart(target, shared: !directives.NoStore, earliest, directives.Budget, hasPlace: false) is not { } waiter)
                return (Failed(_flights.Overloaded()), false);
            if (!waiter.IsJoined)
                _reader.Start(waiter.Flight);
            var outcome = await _reader.WaitAsync(waiter, cancellationToken);

            if (!waiter.IsJoined || outcome.Read is not { } read || read.Entry.ReadStartedAt >= earliest)
                return (outcome, waiter.IsJoined);

            // That flight had left too early for this request, but there is one attached read for each key at a time. All who were
            // too late for it share the next one: by boarding it, or, where it has already landed, by what it left in memory.
            if (_memory.Find(target.CacheKey) is { } entry && entry.ReadStartedAt >= earliest)
                return (new ReadOutcome(new CompletedRead(entry, IsStored: true, IsRevalidated: false, TimeSpan.Zero), null), true);
        }
    }

    /// <summary>Creates the failure of a request whose budget is spent; <see langword="null"/> if it is not.</summary>
    private static UserStoreException? MayNotSpend(in ReadDirectives directives) =>
        directives.Budget is not { } budget || budget.Allows(out var wait)
            ? null
            : new UserStoreException(UserStoreFailure.OverBudget, "The caller has spent the request units that it has.") { RetryAfter = wait };

    private static ReadOutcome Failed(UserStoreException exception) => new(null, ExceptionDispatchInfo.Capture(exception));

    private LookupSource SourceOf(StampedEntry? entry, long began)
    {
        if (entry is null)
            return LookupSource.Miss;
        return TimeToLive(entry, began) >= 0 ? LookupSource.Request : LookupSource.Stale;
    }

    private LookupResult Completed(CompletedRead read, LookupSource source, bool collapsed)
    {
        var counter = source switch
        {
            LookupSource.Miss => _counters.Misses,
            LookupSource.Stale => _counters.Stale,
            _ => _counters.Requested,
        };
        counter.Increment();
        if (collapsed)
            _counters.Collapsed.Increment();
        if (read.IsRevalidated)
            _counters.Revalidated.Increment();

        return Describe(read.Entry, _clock.Now, source) with
        {
            // A read that was sent after the request began (or joined within the bound) is what was asked for, however long it took.
            IsStale = false,
            IsCollapsed = collapsed,
            IsStored = read.IsStored,
            IsRevalidated = read.IsRevalidated,
            StoreDuration = read.Duration,
        };
    }

    /// <summary>Gets the stale response that is allowed instead of an error, or counts a failure if there is none.</summary>
    private (LookupResult Answer, StampedEntry Entry)? InsteadOfError(
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

        var answer = Describe(entry, now, source) with { IsInsteadOfError = true };
        if (answer.IsStale)
            _counters.ServedStale.Increment();
        return (answer, entry);
    }
}
