using System.Runtime.ExceptionServices;
using System.Threading.RateLimiting;
using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

// Many users at once: hits from memory, the rest in one read, each of them a flight of its own.
public sealed partial class UserCache
{
    /// <summary>Looks many users up: those in memory at once, the others by one read.</summary>
    /// <param name="keys">Which users.</param>
    /// <param name="directives">What the caller asks of each answer.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>One answer for each key, in the order of the keys.</returns>
    /// <exception cref="UserStoreException">The store could not answer, and for some user nothing in memory may stand in.</exception>
    public async ValueTask<IReadOnlyList<LookupResult>> GetManyAsync(
        IReadOnlyList<UserKey> keys,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        var began = _clock.Now;
        _freshness.NoteLookup(began);
        var answers = new LookupResult[keys.Count];
        var open = AnswerFromMemory(keys, answers, null, began, directives, out var canBeConfirmed);
        if (canBeConfirmed)
        {
            await _freshness.CatchUpAsync(_options.CatchUpTimeout, cancellationToken);
            open = AnswerFromMemory(keys, answers, open, _clock.Now, directives, out _);
        }

        if (open is null)
            return answers;

        if (directives.OnlyIfCached)
        {
            foreach (var i in open)
                answers[i] = new LookupResult { Status = LookupStatus.NotCached };
            return answers;
        }

        await ReadManyAsync(keys, answers, open, began, directives, cancellationToken);
        return answers;
    }

    /// <summary>Answers what memory can answer.</summary>
    /// <param name="keys">Which users.</param>
    /// <param name="answers">Where the answers go.</param>
    /// <param name="candidates">Places of the keys to look for; <see langword="null"/> for all.</param>
    /// <param name="now">The time.</param>
    /// <param name="directives">What the caller asks of each answer.</param>
    /// <param name="canBeConfirmed">Whether a poll of the feed could do for some of the rest.</param>
    /// <returns>The places of the rest; <see langword="null"/> where there is none.</returns>
    private List<int>? AnswerFromMemory(
        IReadOnlyList<UserKey> keys,
        LookupResult[] answers,
        List<int>? candidates,
        long now,
        in ReadDirectives directives,
        out bool canBeConfirmed)
    {
        canBeConfirmed = false;
        List<int>? open = null;
        var count = candidates?.Count ?? keys.Count;
        for (var n = 0; n < count; n++)
        {
            var i = candidates is null ? n : candidates[n];
            var entry = _memory.Use(keys[i].CacheKey, now);
            if (entry is not null && Permits(entry, now, directives, out var left))
            {
                answers[i] = Hit(entry, now, left);
                continue;
            }

            canBeConfirmed |= entry is not null && CanBeConfirmed(entry, now, directives);
            (open ??= []).Add(i);
        }

        return open;
    }

    /// <summary>Reads what memory could not answer, in as few reads as may be.</summary>
    /// <remarks>Waits for all of it, also where something has failed: what was read stays in memory.</remarks>
    private async Task ReadManyAsync(
        IReadOnlyList<UserKey> keys,
        LookupResult[] answers,
        List<int> open,
        long began,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? failure = null;
        foreach (var part in open.Chunk(_budget.MaxUsersPerRead))
        {
            // Keys that joined a read that was sent too early are read again together. A flight that is attached by then was sent late enough.
            IReadOnlyList<int> left = part;
            while (left.Count > 0)
                (left, failure) = await ReadTogetherAsync(keys, answers, left, began, directives, failure, cancellationToken);
        }

        failure?.Throw();
    }

    private async ValueTask<(IReadOnlyList<int> TooEarly, ExceptionDispatchInfo? Failure)> ReadTogetherAsync(
        IReadOnlyList<UserKey> keys,
        LookupResult[] answers,
        IReadOnlyList<int> open,
        long began,
        ReadDirectives directives,
        ExceptionDispatchInfo? failure,
        CancellationToken cancellationToken)
    {
        var refusal = MayNotSpend(directives) ?? _store.Refuse();
        using var turn = refusal is null ? await TakeTurnAsync(open.Count, cancellationToken) : null;
        var earliest = EarliestRead(began, directives);
        var waiters = turn is null ? null : JoinOrStartAll(keys, open, directives, earliest);
        if (waiters is null)
        {
            // No flight was attached, and the store is not asked.
            var refused = Failed(refusal ?? _flights.Overloaded());
            foreach (var i in open)
                Answer(i, LookupTarget.For(keys[i]), _memory.Find(keys[i].CacheKey), refused, isJoined: false);
            return ([], failure);
        }

        List<int> tooEarly = [];
        for (var n = 0; n < waiters.Count; n++)
        {
            var (i, waiter) = waiters[n];
            var outcome = await _reader.WaitAsync(waiter, cancellationToken);
            if (outcome.IsCanceledBy(cancellationToken))
            {
                foreach (var (_, other) in waiters.Skip(n + 1))
                    _flights.RemoveWaiter(other.Flight);
                outcome.Failure!.Throw();
            }

            if (waiter.IsJoined && outcome.Read?.Entry.ReadStartedAt < earliest)
                tooEarly.Add(i);
            else
                Answer(i, waiter.Flight.Target, waiter.Flight.Held, outcome, waiter.IsJoined);
        }

        return (tooEarly, failure);

        void Answer(int i, LookupTarget target, StampedEntry? held, in ReadOutcome outcome, bool isJoined)
        {
            var source = SourceOf(held, began);
            if (outcome.Read is { } read)
                answers[i] = Completed(read, source, isJoined);
            else if (InsteadOfError(target, source, outcome, directives) is var (standIn, _))
                answers[i] = standIn;
            else
                failure ??= outcome.Failure;
        }
    }

    /// <summary>Waits until the shared reads under way leave enough places: who came first goes first.</summary>
    /// <returns>To be disposed of when the read is over; <see langword="null"/> where too many wait, or the wait took as long as a read may.</returns>
    private async ValueTask<RateLimitLease?> TakeTurnAsync(int users, CancellationToken cancellationToken)
    {
        var places = _budget.PlacesFor(users);
        var turn = _sharedReads.AttemptAcquire(places);
        if (turn.IsAcquired)
            return turn;

        using var deadline = new CancellationTokenSource(_options.ReadDeadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            turn = await _sharedReads.AcquireAsync(places, either.Token);
            return turn.IsAcquired ? turn : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Joins what is attached, and launches the rest together.</summary>
    /// <returns><see langword="null"/> where there is no place for a read.</returns>
    private List<(int Index, FlightWaiter FlightWaiter)>? JoinOrStartAll(
        IReadOnlyList<UserKey> keys,
        IReadOnlyList<int> open,
        in ReadDirectives directives,
        long earliest)
    {
        var places = _budget.PlacesFor(open.Count);
        if (!_flights.TryTake(places))
            return null;

        var waiters = new List<(int Index, FlightWaiter FlightWaiter)>(open.Count);
        var own = new List<Flight>(open.Count);
        foreach (var i in open)
        {
            var waiter = _flights.JoinOrStart(LookupTarget.For(keys[i]), shared: !directives.NoStore, earliest, directives.Budget, hasPlace: true)!;
            waiters.Add((i, waiter));
            if (!waiter.IsJoined)
                own.Add(waiter.Flight);
        }

        if (own.Count > 0)
            _reader.StartMany(own, places);
        else
            _flights.GiveBack(places);
        return waiters;
    }
}
