using System.Runtime.ExceptionServices;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching.Flights;

/// <summary>The sender of the reads of flights, one by one or together, within the deadline. It repeats a read if a replica lags.</summary>
internal sealed partial class FlightReader(
    IUserStore store,
    FlightTable table,
    TierClient? tier,
    FreshnessTracker freshness,
    CacheCounters counters,
    EarlyEvictions earlyEvictions,
    ByteBudget readBytes,
    UserSizes sizes,
    TimeSpan deadline,
    TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Starts the read of one new flight, which has already taken a place.</summary>
    public void Start(Flight flight)
    {
        flight.SharedRead = new SharedRead(1, 1, deadline, time);
        if (flight.AsksTier)
        {
            _ = ReadAfterTierAsync(flight, flight.SharedRead);
        }
        else if (store.Refuse() is { } refusal)
        {
            table.Fail(flight, ExceptionDispatchInfo.Capture(refusal));
            End(flight, flight.SharedRead);
        }
        else
        {
            _ = ReadOneAsync(flight, flight.SharedRead, isAlone: true);
        }
    }

    /// <summary>Starts one shared read for several new flights, all of them for users.</summary>
    /// <param name="flights">The flights; at least one.</param>
    /// <param name="places">The number of places that the caller has taken for them.</param>
    public void StartMany(IReadOnlyList<Flight> flights, int places)
    {
        var sharedRead = new SharedRead(flights.Count, places, deadline, time);
        foreach (var flight in flights)
            flight.SharedRead = sharedRead;
        _ = flights.Any(flight => flight.AsksTier) ? ReadAllAfterTierAsync(flights, sharedRead) : ReadAllAsync(flights, flights, sharedRead);
    }

    /// <summary>Waits for a flight. If the caller cancels, the flight continues for the other waiters.</summary>
    public ValueTask<ReadOutcome> WaitAsync(FlightWaiter waiter, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? WaitUnlessCanceledAsync(waiter, cancellationToken) : waiter.Ended;

    private async ValueTask<ReadOutcome> WaitUnlessCanceledAsync(FlightWaiter waiter, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((FlightWaiter)state!).Fail(ExceptionDispatchInfo.Capture(new OperationCanceledException(token))), waiter);
        var outcome = await waiter.Ended;
        if (outcome.IsCanceledBy(cancellationToken))
            table.RemoveWaiter(waiter.Flight);
        return outcome;
    }

    /// <summary>Reads flights of a shared read, and ends it.</summary>
    /// <param name="flights">The flights that have not completed yet.</param>
    /// <param name="all">All flights of the shared read.</param>
    /// <param name="sharedRead">The shared read.</param>
    private async Task ReadAllAsync(IReadOnlyList<Flight> flights, IReadOnlyList<Flight> all, SharedRead sharedRead)
    {
        var behind = new List<Flight>();
        if (flights.Count == 1)
            behind.Add(flights[0]); // a point read is cheaper, in particular if the cached version is still current
        else if (flights.Count > 1)
            await ReadTogetherAsync(flights, sharedRead, behind);
        await ReadEachAloneAsync(behind, sharedRead);

        Close(sharedRead);

        // The request that started them awaits one after the other. In reverse order it is resumed only once.
        for (var i = all.Count - 1; i >= 0; i--)
            all[i].ReleaseInitiator();
    }

    private async Task ReadTogetherAsync(IReadOnlyList<Flight> flights, SharedRead sharedRead, List<Flight> behind)
    {
        var byKey = new Dictionary<UserKey, Flight>(flights.Count);
        foreach (var flight in flights)
        {
            flight.MarkSent(freshness);
            if (!byKey.TryAdd(flight.Target.User, flight))
                behind.Add(flight); // the same user twice, in a no-store request
        }

        try
        {
            await store.ReadManyAsync([.. byKey.Keys], CompletePart, sharedRead.Token);
            counters.StoreReads.Increment();
        }
        catch (Exception exception)
        {
            // The store charges for a read whether or not its response is awaited.
            if (sharedRead.Token.IsCancellationRequested && !WasNotSent(exception))
                flights[0].Budget?.Spend(byKey.Count * counters.UserInBatch.Value);

            // Users that were read before the failure stay cached, so a repeated batch has fewer to read.
            var failure = ExceptionDispatchInfo.Capture(Explain(exception, sharedRead, wasBehind: false));
            foreach (var flight in byKey.Values)
            {
                table.Fail(flight, failure);
                flight.ReleaseJoined();
            }
        }

        void CompletePart(StoreReadMany part)
        {
            counters.UserInBatch.Add(part.RequestCharge, part.Keys.Count);
            flights[0].Budget?.Spend(part.RequestCharge);
            LogSpan[] positions = [.. part.Positions];
            var areKnown = freshness.AreInKnownPartitions(positions);
            foreach (var key in part.Keys)
            {
                if (!byKey.Remove(key, out var flight))
                    continue;

                NoteRead(flight, part.RequestCharge / part.Keys.Count);
                var found = part.Documents.TryGetValue(key, out var document);
                var read = new StoreRead(found ? StoreReadStatus.Found : StoreReadStatus.NotFound, document, 0, 0);
                if (table.TryComplete(flight, read, areKnown ? PositionsOf(key, positions) : positions))
                    flight.ReleaseJoined();
                else
                    behind.Add(flight);
            }
        }
    }

    /// <summary>Returns the positions in the user's own partition, or all if it is not known which of them it is.</summary>
    private ReadOnlySpan<LogSpan> PositionsOf(UserKey key, LogSpan[] positions)
    {
        if (positions.Length < 2 || freshness.PartitionOf(key.PartitionKey) is not { } partition)
            return positions;

        var own = Array.FindIndex(positions, each => each.Partition == partition);
        return own < 0 ? positions : positions.AsSpan(own, 1);
    }

    /// <summary>Reads flights that share a deadline one by one, a few at the same time.</summary>
    private async Task ReadEachAloneAsync(List<Flight> flights, SharedRead sharedRead)
    {
        var next = 0;
        var lanes = new Task[Math.Min(flights.Count, MemoryBudget.ReadsAlone)];
        for (var i = 0; i < lanes.Length; i++)
            lanes[i] = ReadOnAsync();
        await Task.WhenAll(lanes);

        async Task ReadOnAsync()
        {
            while (Interlocked.Increment(ref next) is var number && number <= flights.Count)
                await ReadOneAsync(flights[number - 1], sharedRead, isAlone: false);
        }
    }

    /// <summary>Reads one user or hint until the flight has completed or failed.</summary>
    private async Task ReadOneAsync(Flight flight, SharedRead sharedRead, bool isAlone)
    {
        var wasBehind = false;
        var isOpen = false;
        try
        {
            var pause = FirstPause;
            while (true)
            {
                flight.MarkSent(freshness);
                isOpen = true;
                StoreRead read;
                if (flight.Target.Alternate is { } alternate)
                {
                    read = await FindAsync(flight, alternate, sharedRead.Token);
                }
                else
                {
                    // Inlined, because each additional async method makes a read slower.
                    read = await store.ReadAsync(flight.Target.User, flight.IfNoneMatch, sharedRead.Token);
                    counters.StoreReads.Increment();
                    counters.PointRead.Add(read.RequestCharge);
                }

                isOpen = false;
                flight.Budget?.Spend(read.RequestCharge);
                NoteRead(flight, read.RequestCharge);
                OnRead(flight);
                if (flight.Target.Alternate is null ? table.TryComplete(flight, read) : table.TryComplete(flight, read, [.. flight.Found.Positions]))
                    break;

                wasBehind = true;
                await Task.Delay(pause, time, sharedRead.Token);
                pause = pause * 2 < MaxPause ? pause * 2 : MaxPause;
            }
        }
        catch (Exception exception)
        {
            if (isOpen && sharedRead.Token.IsCancellationRequested && !WasNotSent(exception))
                flight.Budget?.Spend(flight.Target.Alternate is null ? counters.PointRead.Value : counters.Query.Value);
            table.Fail(flight, ExceptionDispatchInfo.Capture(Explain(exception, sharedRead, wasBehind)));
        }

        if (isAlone)
            End(flight, sharedRead);
        else
            flight.ReleaseJoined();
    }

    /// <summary>Ends a read with a single flight, which has completed or failed.</summary>
    private void End(Flight flight, SharedRead sharedRead)
    {
        Close(sharedRead);
        flight.ReleaseJoined();
        flight.ReleaseInitiator();
    }

    /// <summary>Disposes of the deadline of a read that has ended, and frees its places.</summary>
    private void Close(SharedRead sharedRead)
    {
        sharedRead.Dispose();
        table.GiveBack(sharedRead.Places);
    }

    private async Task<StoreRead> FindAsync(Flight flight, AlternateKey alternate, CancellationToken cancellationToken)
    {
        var found = await store.FindAsync(alternate, UserCache.MaxFound + 1, cancellationToken);
        flight.Found = found with { Keys = [.. found.Keys.OrderBy(key => key.CacheKey, StringComparer.Ordinal)] };
        counters.StoreQueries.Increment();
        counters.Query.Add(found.RequestCharge);
        return new StoreRead(StoreReadStatus.Found, null, 0, found.RequestCharge);
    }

    /// <summary>
    /// Records a read in the account of its range. If the range is not armed, following it would save the repetition of the read. The read is a
    /// cost of following the range if the entry would still be fresh without the feed: the feed evicted it, or confirmed it only for a while. A
    /// read that the directives of a request require is not. The eviction is a cost of the lookups for which the poll was sent, which can be
    /// others: a poll of one range for its users evicts hints, and one of all ranges for hints evicts users.
    /// </summary>
    private void NoteRead(Flight flight, double charge)
    {
        var now = freshness.Clock.Now;
        var account = freshness.AccountOf(flight.Target.Alternate is null ? flight.Target.User.PartitionKey : null);
        RangeAccount? evictedFor = null;
        var isLost = flight.Held is { } held
            ? flight.SentAt - held.FreshAsOf > freshness.MaxStaleness && held.IsFreshWithoutFeed(now, freshness.MaxStaleness, out _)
            : earlyEvictions.Remove(flight.Target.CacheKey, now, out evictedFor);
        isLost |= flight.IsRepeated;
        OnNoting(ref isLost, ref evictedFor);
        account.AddRead(now, charge, isRent: flight.Epoch is null, isLost);
        if (isLost)
            (evictedFor ?? account).Pay(charge);
    }

    private static bool WasNotSent(Exception exception) => exception is UserStoreException { Failure: UserStoreFailure.Overloaded };

    private Exception Explain(Exception exception, SharedRead sharedRead, bool wasBehind)
    {
        if (exception is not OperationCanceledException || !sharedRead.Token.IsCancellationRequested || sharedRead.IsAbandoned)
            return exception;

        return wasBehind
            ? new UserStoreException(
                UserStoreFailure.Behind,
                $"For {deadline.TotalSeconds:0.###} s, the store responded only from replicas that lag behind a known change.",
                exception)
            : new UserStoreException(
                UserStoreFailure.TimedOut,
                $"The store did not respond within {deadline.TotalSeconds:0.###} s.",
                exception);
    }

    // Hooks for the mutants of the simulation (tests/Simulation.Mutants).
    partial void OnRead(Flight flight);

    partial void OnNoting(ref bool isLost, ref RangeAccount? evictedFor);
}
