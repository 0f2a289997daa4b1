using System.Runtime.InteropServices;
using Lookup.Domain.Changes;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

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

    /// <summary>Starts the read of one new flight.</summary>
    public void Launch(Flight flight)
    {
        flight.Group = new FlightGroup(1, deadline, time);
        _ = FlyAsync(flight, flight.Group);
    }

    /// <summary>Starts one read for many new flights, all of them for users.</summary>
    public void LaunchTogether(IReadOnlyList<Flight> flights)
    {
        // A read of many says nothing about the replicas it came from. A user who was evicted a short while ago is read alone.
        var together = new List<Flight>(flights.Count);
        foreach (var flight in flights)
        {
            if (flight.IsFenced)
                Launch(flight);
            else
                together.Add(flight);
        }

        if (together.Count == 1)
        {
            Launch(together[0]);
        }
        else if (together.Count > 1)
        {
            var group = new FlightGroup(together.Count, deadline, time);
            foreach (var flight in together)
                flight.Group = group;
            _ = FlyTogetherAsync(together, group);
        }
    }

    /// <summary>Waits for a flight that the caller has boarded. A caller that gives up leaves it to the others.</summary>
    public ValueTask<Landing> WaitAsync(Passenger passenger, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? WaitOrLeaveAsync(passenger, cancellationToken) : passenger.Landed;

    private async ValueTask<Landing> WaitOrLeaveAsync(Passenger passenger, CancellationToken cancellationToken)
    {
        using var givingUp = cancellationToken.UnsafeRegister(
            static (waiting, token) => ((Passenger)waiting!).Fail(new OperationCanceledException(token)), passenger);
        try
        {
            return await passenger.Landed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            control.Leave(passenger.Flight);
            throw;
        }
    }

    private async Task FlyAsync(Flight flight, FlightGroup group)
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
            control.Crash(flight, Explain(exception, group, wasBehind));
        }
        finally
        {
            group.Dispose();
            control.Retire(1);
        }

        Flight.Release(flight);
    }

    private async Task FlyTogetherAsync(List<Flight> flights, FlightGroup group)
    {
        var behind = new List<Flight>();
        var arrived = new List<Flight>(flights.Count);
        try
        {
            var keys = new UserKey[flights.Count];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = flights[i].Target.User;
                flights[i].Depart(freshness);
            }

            var read = await store.ReadManyAsync(keys, group.Token);
            counters.StoreReads.Increment();
            counters.AddCharge(read.RequestCharge);
            foreach (var flight in flights)
            {
                var found = read.Documents.TryGetValue(flight.Target.User, out var document);
                var answer = new StoreRead(found ? StoreReadStatus.Found : StoreReadStatus.NotFound, document, 0, 0);
                if (flight.IsBehind(answer))
                {
                    behind.Add(flight);
                    continue;
                }

                control.Land(flight, answer);
                arrived.Add(flight);
            }

            control.Continue(behind.Count);
        }
        catch (Exception exception)
        {
            var explained = Explain(exception, group, wasBehind: false);
            foreach (var flight in flights)
                control.Crash(flight, explained);
            behind = [];
            arrived = flights;
        }
        finally
        {
            group.Dispose();
            control.Retire(flights.Count);
        }

        behind.ForEach(Launch);
        Flight.Release(CollectionsMarshal.AsSpan(arrived));
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
