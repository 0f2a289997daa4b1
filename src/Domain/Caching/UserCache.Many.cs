using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading.RateLimiting;
using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

// Several users: hits from the cache, and one read for the others, each of which has a flight of its own.
public sealed partial class UserCache
{
    /// <summary>Looks up several users. Cached users are taken from the cache, and the others are fetched together.</summary>
    /// <param name="keys">The users.</param>
    /// <param name="directives">The cache directives of the request.</param>
    /// <param name="cancellationToken">The cancellation token of the request.</param>
    /// <returns>One result for each key, in the order of the keys.</returns>
    /// <exception cref="UserStoreException">The store failed, and for some user no cached result is allowed instead.</exception>
    /// <exception cref="ResultTooLargeException">The users are too large to be held together.</exception>
    public async ValueTask<IReadOnlyList<LookupResult>> GetManyAsync(
        IReadOnlyList<UserKey> keys,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        var results = new LookupResult[keys.Count];
        var leftOut = await GetManyAsync(keys, results, directives, cancellationToken);
        return leftOut.Count == 0 ? results : throw new ResultTooLargeException(_budget.MaxResultBytes);
    }

    /// <summary>Looks up several users, until they are as large together as a result can be.</summary>
    /// <returns>The indexes of the users that were left out because of the size of the others. They have no result.</returns>
    private async ValueTask<IReadOnlyList<int>> GetManyAsync(
        IReadOnlyList<UserKey> keys,
        LookupResult[] results,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        var began = _clock.Now;
        _freshness.NoteLookup(began);
        var open = ServeFromCache(keys, results, null, began, directives, out var confirmable);
        if (confirmable is not null)
            open = await ConfirmAsync(confirmable, keys, results, open!, directives, cancellationToken);

        IReadOnlyList<int> unread = [];
        if (open is not null && directives.OnlyIfCached)
        {
            foreach (var i in open)
                results[i] = new LookupResult { Status = LookupStatus.NotCached };
        }
        else if (open is not null)
        {
            unread = await ReadManyAsync(keys, results, open, began, directives, cancellationToken);
        }

        return unread.Count == 0 && BytesOf(results) <= _budget.MaxResultBytes ? [] : LeaveOut(results, unread);
    }

    private static long BytesOf(LookupResult[] results)
    {
        long bytes = 0;
        foreach (ref readonly var result in results.AsSpan())
            bytes += result.Document?.Body.Length ?? 0;
        return bytes;
    }

    /// <summary>Removes the results that exceed the maximum size, and returns their indexes together with those that have no result.</summary>
    private List<int> LeaveOut(LookupResult[] results, IReadOnlyList<int> unread)
    {
        List<int> leftOut = [.. unread];
        long bytes = 0;
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Document is not { } user || (bytes += user.Body.Length) <= _budget.MaxResultBytes)
                continue;

            results[i] = default;
            leftOut.Add(i);
        }

        return leftOut;
    }

    /// <summary>Serves the users that the cache can serve.</summary>
    /// <param name="keys">The users.</param>
    /// <param name="results">The array that receives the results.</param>
    /// <param name="candidates">The indexes of the keys to look up, or <see langword="null"/> for all.</param>
    /// <param name="now">The current time.</param>
    /// <param name="directives">The cache directives of the request.</param>
    /// <param name="confirmable">
    /// The epochs by whose confirmation other entries can become acceptable, each with the number of these entries, or <see langword="null"/>
    /// if there are none.
    /// </param>
    /// <returns>The indexes of the other users, or <see langword="null"/> if there are none.</returns>
    private List<int>? ServeFromCache(
        IReadOnlyList<UserKey> keys,
        LookupResult[] results,
        List<int>? candidates,
        long now,
        in ReadDirectives directives,
        out Dictionary<FeedEpoch, int>? confirmable)
    {
        confirmable = null;
        List<int>? open = null;
        var count = candidates?.Count ?? keys.Count;
        for (var n = 0; n < count; n++)
        {
            var i = candidates is null ? n : candidates[n];
            var entry = _memory.Use(keys[i].CacheKey, now);
            if (entry is not null && Permits(entry, now, directives, out var left))
            {
                results[i] = Hit(entry, now, left, _counters.UserInBatch);
                continue;
            }

            if (entry is not null && CanBeConfirmed(entry, now, directives, out var epoch))
                CollectionsMarshal.GetValueRefOrAddDefault(confirmable ??= [], epoch, out _)++;
            (open ??= []).Add(i);
        }

        return open;
    }

    /// <summary>Polls the ranges of entries that a poll can make acceptable, if that is worth its price, and serves these users.</summary>
    /// <returns>The indexes of the other users, or <see langword="null"/> if there are none.</returns>
    private async ValueTask<List<int>?> ConfirmAsync(
        Dictionary<FeedEpoch, int> confirmable,
        IReadOnlyList<UserKey> keys,
        LookupResult[] results,
        List<int> open,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        var polled = confirmable.Where(each => _freshness.Buys(each.Key, directives.OnlyIfCached ? 0 : each.Value * _counters.UserInBatch.Value))
            .Select(each => each.Key).ToArray();
        if (polled.Length == 0)
            return open;

        await _freshness.CatchUpAsync(polled, _options.CatchUpTimeout, cancellationToken);
        return ServeFromCache(keys, results, open, _clock.Now, directives, out _);
    }

    /// <summary>Reads the users that the cache could not serve, in as few reads as possible.</summary>
    /// <returns>The indexes of the users that were not read, because the others already exceed the maximum size of a result.</returns>
    /// <remarks>
    /// All reads are awaited even if one has failed. Users that were read stay cached. The size of each read is limited by the number of its
    /// users and by their estimated size, which the reads before it have corrected.
    /// </remarks>
    private async ValueTask<IReadOnlyList<int>> ReadManyAsync(
        IReadOnlyList<UserKey> keys,
        LookupResult[] results,
        List<int> open,
        long began,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? failure = null;
        var refusal = CheckBudget(directives); // once: a batch that has begun is completed, in however many parts
        var bytes = BytesOf(results);
        for (var next = 0; next < open.Count;)
        {
            if (bytes > _budget.MaxResultBytes)
            {
                failure?.Throw();
                return open[next..];
            }

            // Half of the budget, as shared reads take half of the places: the other half is for reads of one user and for other batches.
            var part = open.GetRange(next, Math.Min(UsersInNextRead(), open.Count - next));
            next += part.Count;

            // Keys that joined a read that was sent too early are read again together. A flight that is attached by then was sent late
            // enough.
            List<int>? left = part;
            var asksTier = MayComeFromTier(directives);
            while (left is { Count: > 0 })
            {
                (left, failure) = await ReadTogetherAsync(keys, results, left, began, directives, refusal, failure, asksTier, cancellationToken);

                // Entries of the tier that the feed has not confirmed late enough are unconfirmed ones like any other.
                if (asksTier && left.Count > 0)
                {
                    left = ServeFromCache(keys, results, left, _clock.Now, directives, out var confirmable);
                    if (confirmable is not null)
                        left = await ConfirmAsync(confirmable, keys, results, left!, directives, cancellationToken);
                }

                asksTier = false;
            }

            bytes += part.Sum(i => (long)(results[i].Document?.Body.Length ?? 0));
        }

        failure?.Throw();
        return [];
    }

    private int UsersInNextRead() => _sizes.CountWithin(_budget.ReadBytes / 2 / BoundedUserStore.Copies, _budget.MaxUsersPerRead);

    private async ValueTask<(List<int> TooEarly, ExceptionDispatchInfo? Failure)> ReadTogetherAsync(
        IReadOnlyList<UserKey> keys,
        LookupResult[] results,
        List<int> open,
        long began,
        ReadDirectives directives,
        UserStoreException? refusal,
        ExceptionDispatchInfo? failure,
        bool asksTier,
        CancellationToken cancellationToken)
    {
        if (!asksTier) // the tier can have users that the store would refuse
            refusal ??= _store.Refuse();
        using var turn = refusal is null ? await TakeTurnAsync(open.Count, cancellationToken) : null;
        var earliest = EarliestRead(began, directives);
        var waiters = turn is null ? null : JoinOrStartAll(keys, open, directives, earliest, asksTier);
        if (waiters is null)
        {
            // No flight was attached, and no read is sent.
            var refused = Failed(refusal ?? _flights.Overloaded());
            foreach (var i in open)
                SetResult(i, LookupTarget.For(keys[i]), _memory.Find(keys[i].CacheKey), refused, isJoined: false);
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

            if (outcome.Read is { } read && IsTooEarly(read, waiter, earliest, directives))
                tooEarly.Add(i);
            else
                SetResult(i, waiter.Flight.Target, waiter.Flight.Held, outcome, waiter.IsJoined);
        }

        return (tooEarly, failure);

        void SetResult(int i, LookupTarget target, StampedEntry? held, in ReadOutcome outcome, bool isJoined)
        {
            var source = SourceOf(held, began);
            if (outcome.Read is { } read)
                results[i] = Completed(read, source, isJoined);
            else if (InsteadOfError(target, source, outcome, directives) is var (cached, _))
                results[i] = cached;
            else
                failure ??= outcome.Failure;
        }
    }

    /// <summary>Waits until the shared reads in flight leave enough places. Requests are admitted in order of arrival.</summary>
    /// <returns>
    /// A lease to dispose when the read has ended, or <see langword="null"/> if too many requests are waiting or the wait exceeded the read
    /// deadline.
    /// </returns>
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

    /// <summary>Joins the flights that are attached, and starts one read for the other users.</summary>
    /// <returns>The waiters, or <see langword="null"/> if there are not enough places for a read.</returns>
    private List<(int Index, FlightWaiter Waiter)>? JoinOrStartAll(
        IReadOnlyList<UserKey> keys,
        List<int> open,
        in ReadDirectives directives,
        long earliest,
        bool asksTier)
    {
        var places = _budget.PlacesFor(open.Count);
        if (!_flights.TryTake(places))
            return null;

        var waiters = new List<(int Index, FlightWaiter Waiter)>(open.Count);
        var own = new List<Flight>(open.Count);
        foreach (var i in open)
        {
            var waiter = _flights.JoinOrStart(LookupTarget.For(keys[i]), shared: !directives.NoStore, earliest, directives.Budget, hasPlace: true, asksTier)!;
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
