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
    public async ValueTask<IReadOnlyList<UserAnswer>> GetManyAsync(
        IReadOnlyList<UserKey> keys,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        var began = _clock.Now;
        _freshness.NoteLookup(began);
        var answers = new UserAnswer[keys.Count];
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
                answers[i] = new UserAnswer { Status = AnswerStatus.NotCached };
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
        UserAnswer[] answers,
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

    private async Task ReadManyAsync(
        IReadOnlyList<UserKey> keys,
        UserAnswer[] answers,
        List<int> open,
        long began,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        var earliest = EarliestRead(began, directives);
        var boarded = BoardAll(keys, open, directives, earliest);
        var waits = new List<Task>(boarded.Count);
        foreach (var (i, passenger) in boarded)
            waits.Add(AnswerAsync(i, passenger));
        await Task.WhenAll(waits);

        async Task AnswerAsync(int i, Passenger passenger)
        {
            var joined = passenger.Joined;
            var target = passenger.Flight.Target;
            var origin = OriginOf(passenger.Flight.Held, began);
            try
            {
                var landing = await _reader.WaitAsync(passenger, cancellationToken);
                if (joined && landing.Entry.ReadStartedAt < earliest)
                    (landing, joined) = await ReadAsync(target, earliest, directives, cancellationToken);
                answers[i] = Landed(landing, origin, joined);
            }
            catch (UserStoreException)
            {
                if (InsteadOfError(target, origin, directives) is not var (standIn, _))
                {
                    _counters.Failures.Increment();
                    throw;
                }

                answers[i] = standIn;
            }
        }
    }

    private List<(int Index, Passenger Passenger)> BoardAll(
        IReadOnlyList<UserKey> keys,
        List<int> open,
        in ReadDirectives directives,
        long earliest)
    {
        var boarded = new List<(int Index, Passenger Passenger)>(open.Count);
        var own = new List<Flight>(open.Count);
        try
        {
            foreach (var i in open)
            {
                var passenger = _flights.Board(LookupTarget.Of(keys[i]), shared: !directives.NoStore, earliest);
                boarded.Add((i, passenger));
                if (!passenger.Joined)
                    own.Add(passenger.Flight);
            }
        }
        catch (UserStoreException e)
        {
            // Others may have joined a flight that now will not leave: they must hear of it.
            foreach (var flight in own)
                _flights.Cancel(flight, e);

            // And a flight of others must not count on this request, which will not wait for it.
            foreach (var (_, passenger) in boarded)
            {
                if (passenger.Joined)
                    _flights.Leave(passenger.Flight);
            }

            throw;
        }

        _reader.LaunchTogether(own);
        return boarded;
    }
}
