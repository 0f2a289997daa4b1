using System.Runtime.ExceptionServices;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching.Flights;

/// <summary>Reads the store for flights: one by one or many at once, within the deadline, and again where a replica lags.</summary>
internal sealed class FlightReader(
    IUserStore store,
    FlightControl control,
    Freshness freshness,
    CacheCounters counters,
    TimeSpan deadline,
    TimeProvider time,
    Flaw flaw)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Starts the read of one new flight, which has a place.</summary>
    public void Launch(Flight flight)
    {
        flight.Group = new FlightGroup(1, 1, deadline, time);
        if (store.Refuse() is { } refusal)
        {
            control.Crash(flight, ExceptionDispatchInfo.Capture(refusal));
            End(flight, flight.Group);
        }
        else
        {
            _ = FlyAsync(flight, flight.Group, isWholeGroup: true);
        }
    }

    /// <summary>Starts one read for many new flights, all of them for users.</summary>
    /// <param name="flights">The flights; at least one.</param>
    /// <param name="places">The places that the caller has taken for them.</param>
    public void LaunchTogether(IReadOnlyList<Flight> flights, int places)
    {
        var group = new FlightGroup(flights.Count, places, deadline, time);
        foreach (var flight in flights)
            flight.Group = group;
        _ = FlyTogetherAsync(flights, group);
    }

    /// <summary>Waits for a flight that the caller has boarded. A caller that gives up leaves it to the others.</summary>
    public ValueTask<Outcome> WaitAsync(Passenger passenger, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? WaitOrLeaveAsync(passenger, cancellationToken) : passenger.Ended;

    private async ValueTask<Outcome> WaitOrLeaveAsync(Passenger passenger, CancellationToken cancellationToken)
    {
        using var givingUp = cancellationToken.UnsafeRegister(
            static (waiting, token) => ((Passenger)waiting!).Fail(ExceptionDispatchInfo.Capture(new OperationCanceledException(token))), passenger);
        var outcome = await passenger.Ended;
        if (outcome.IsGivenUpBy(cancellationToken))
            control.Leave(passenger.Flight);
        return outcome;
    }

    private async Task FlyTogetherAsync(IReadOnlyList<Flight> flights, FlightGroup group)
    {
        // A read of many says nothing about the replicas it came from. A user who was evicted a short while ago is read alone.
        var alone = flights.Where(flight => flight.IsFenced).ToList();
        var together = alone.Count == 0 ? flights : flights.Where(flight => !flight.IsFenced).ToList();
        if (together.Count == 1)
        {
            // A point read is cheaper, and cheaper still where the version at hand is current.
            alone.Add(together[0]);
            together = [];
        }

        var behind = new List<Flight>();
        var readingAlone = ReadEachAloneAsync(alone, group);
        await ReadTogetherAsync(together, group, behind);
        await readingAlone;
        await ReadEachAloneAsync(behind, group);

        Close(group);

        // The request that launched them awaits one after the other; in this order it is resumed once.
        for (var i = flights.Count - 1; i >= 0; i--)
            flights[i].TellLauncher();
    }

    private async Task ReadTogetherAsync(IReadOnlyList<Flight> flights, FlightGroup group, List<Flight> behind)
    {
        if (flights.Count == 0)
            return;

        var byKey = new Dictionary<UserKey, Flight>(flights.Count);
        foreach (var flight in flights)
        {
            flight.Depart(freshness);
            if (!byKey.TryAdd(flight.Target.User, flight))
                behind.Add(flight); // the same user twice, by a caller who shares nothing
        }

        try
        {
            await store.ReadManyAsync([.. byKey.Keys], Land, group.Token);
            counters.StoreReads.Increment();
        }
        catch (Exception exception)
        {
            // Users that were read before the failure stay cached, so a repeated batch has fewer to read.
            var failure = ExceptionDispatchInfo.Capture(Explain(exception, group, wasBehind: false));
            foreach (var flight in byKey.Values)
            {
                control.Crash(flight, failure);
                flight.TellJoined();
            }
        }

        void Land(StoreReadMany part)
        {
            counters.AddCharge(part.RequestCharge);
            flights[0].Budget?.Spend(part.RequestCharge);
            foreach (var key in part.Keys)
            {
                if (!byKey.Remove(key, out var flight))
                    continue;

                var found = part.Documents.TryGetValue(key, out var document);
                var answer = new StoreRead(found ? StoreReadStatus.Found : StoreReadStatus.NotFound, document, 0, 0);
                if (flight.IsBehind(answer))
                {
                    behind.Add(flight);
                    continue;
                }

                control.Land(flight, answer);
                flight.TellJoined();
            }
        }
    }

    /// <summary>Reads flights that share a deadline one by one, a few at the same time.</summary>
    private async Task ReadEachAloneAsync(List<Flight> flights, FlightGroup group)
    {
        var next = 0;
        var lanes = new Task[Math.Min(flights.Count, MemoryBudget.ReadsAlone)];
        for (var i = 0; i < lanes.Length; i++)
            lanes[i] = ReadOnAsync();
        await Task.WhenAll(lanes);

        async Task ReadOnAsync()
        {
            while (Interlocked.Increment(ref next) is var number && number <= flights.Count)
                await FlyAsync(flights[number - 1], group, isWholeGroup: false);
        }
    }

    /// <summary>Reads one user or hint until the flight has landed or crashed.</summary>
    private async Task FlyAsync(Flight flight, FlightGroup group, bool isWholeGroup)
    {
        var wasBehind = false;
        try
        {
            var pause = FirstPause;
            while (true)
            {
                flight.Depart(freshness);
                StoreRead read;
                try
                {
                    if (flight.Target.Alternate is { } alternate)
                    {
                        read = await FindAsync(flight, alternate, group.Token);
                    }
                    else
                    {
                        // Here, and not in a method of its own: each that is awaited makes a read longer.
                        read = await store.ReadAsync(flight.Target.User, flight.IfNoneMatch, group.Token);
                        counters.StoreReads.Increment();
                        counters.AddPointRead(read.RequestCharge);
                    }

                    flight.Budget?.Spend(read.RequestCharge);
                }
                catch (UserStoreException e) when (flaw == Flaw.CacheSessionNotAvailable && e.Failure == UserStoreFailure.Behind)
                {
                    read = new StoreRead(StoreReadStatus.NotFound, null, 0, 0);
                }

                if (flaw == Flaw.TimeAtEndOfRead)
                    flight.Depart(freshness);
                if (flaw == Flaw.NoFloor || !flight.IsBehind(read))
                {
                    control.Land(flight, read);
                    break;
                }

                wasBehind = true;
                control.NoteBehind(flight);
                await Task.Delay(pause, time, group.Token);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (Exception exception)
        {
            control.Crash(flight, ExceptionDispatchInfo.Capture(Explain(exception, group, wasBehind)));
        }

        if (isWholeGroup)
            End(flight, group);
        else
            flight.TellJoined();
    }

    /// <summary>The only flight of its group has ended.</summary>
    private void End(Flight flight, FlightGroup group)
    {
        Close(group);
        flight.TellJoined();
        flight.TellLauncher();
    }

    /// <summary>Ends the deadline of a read that is over, and frees its places.</summary>
    private void Close(FlightGroup group)
    {
        group.Dispose();
        control.GiveBack(group.Places);
    }

    private async Task<StoreRead> FindAsync(Flight flight, AlternateKey alternate, CancellationToken cancellationToken)
    {
        var found = await store.FindAsync(alternate, UserCache.MaxFound + 1, cancellationToken);
        flight.Found = [.. found.Keys.OrderBy(key => key.CacheKey, StringComparer.Ordinal)];
        counters.StoreQueries.Increment();
        counters.AddCharge(found.RequestCharge);
        return new StoreRead(StoreReadStatus.Found, null, 0, found.RequestCharge);
    }

    private Exception Explain(Exception exception, FlightGroup group, bool wasBehind)
    {
        if (exception is not OperationCanceledException || !group.Token.IsCancellationRequested || group.IsAbandoned)
            return exception;

        return wasBehind
            ? new UserStoreException(
                UserStoreFailure.Behind,
                $"For {deadline.TotalSeconds:0.###} s the store answered from replicas that lag behind a change already seen.",
                exception)
            : new UserStoreException(
                UserStoreFailure.TimedOut,
                $"The store did not answer within {deadline.TotalSeconds:0.###} s.",
                exception);
    }
}
