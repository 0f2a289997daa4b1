using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.World;

/// <summary>The store from the view of one process, with a network, a session and lagging replicas.</summary>
internal sealed class StoreClient(
    Database database,
    Session session,
    Machine machine,
    Plan plan,
    Faults faults,
    History history,
    SimRandom random,
    InFlightReads inFlightReads,
    FeedCosts costs) : IUserStore
{
    private readonly Network _network = new(plan, faults, history, random.Fork());

    /// <summary>Gets the number of reads and queries in flight.</summary>
    public int Open { get; private set; }

    public ValueTask<StoreRead> ReadAsync(UserKey key, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        var user = Database.NumberOf(key);
        var token = session.Of(database.RangeOf(user));
        history.Note(SimulationEvent.ReadSent, machine.Number, user, token);
        var call = Send<StoreRead>(user, [user], cancellationToken, out var fails, out var ticket);
        if (!fails)
        {
            faults.Scheduler.After(OneWay(), () =>
            {
                if (!TryServe(user, token, out var state))
                {
                    RefuseSession(call, user);
                    return;
                }

                var read = CreateResult(user, state, ifNoneMatch);
                faults.Scheduler.After(OneWay(), () => call.Arrive(read, () =>
                {
                    session.Raise(state.Range, state.Place);
                    costs.AddRead(user);
                }));
            });
        }

        return ReceiveAsync(call, ticket);
    }

    public async ValueTask ReadManyAsync(IReadOnlyList<UserKey> keys, Action<StoreReadMany> part, CancellationToken cancellationToken)
    {
        var users = keys.Select(Database.NumberOf).ToArray();
        var tokens = Array.ConvertAll(users, user => session.Of(database.RangeOf(user)));
        foreach (var user in users)
            history.Note(SimulationEvent.ReadSent, machine.Number, user);
        var call = Send<int>(users[0], users, cancellationToken, out var fails, out var ticket);

        // Each range responds separately, with a part of the result. The last part completes the call.
        var left = fails ? 0 : users.Length;
        var read = new List<LogPosition>();
        for (var i = 0; i < left; i++)
        {
            var (user, token) = (users[i], tokens[i]);
            faults.Scheduler.After(OneWay(), () =>
            {
                if (!TryServe(user, token, out var state))
                {
                    RefuseSession(call, user);
                    return;
                }

                history.Note(state.Version.IsAbsent ? SimulationEvent.ReadFoundNoUser : SimulationEvent.ReadServed, machine.Number, user, state.Version.Index, state.Place);
                var key = database.Users[user].Key;
                var documents = new Dictionary<UserKey, UserDocument>();
                if (state.Version.Document(faults.Scheduler.Now, 0) is { } document)
                    documents[key] = document;

                // The adapter knows which partitions have responded, but not which of them contains a user.
                read.Add(state.Position);
                faults.Scheduler.After(OneWay(), () => call.ArriveInPart(() =>
                {
                    session.Raise(state.Range, state.Place);
                    costs.AddRead(user);
                    inFlightReads.EndOf(ticket, user);
                    part(new StoreReadMany([key], documents, 1) { Positions = Named(read) });
                    if (--left > 0)
                        return false;

                    history.Note(SimulationEvent.ReadManyServed, machine.Number, users.Length);
                    return true;
                }));
            });
        }

        await ReceiveAsync(call, ticket);
    }

    public ValueTask<StoreFind> FindAsync(AlternateKey key, int limit, CancellationToken cancellationToken)
    {
        var alternate = database.NumberOf(key);
        var tokens = Array.ConvertAll(database.Users, user => session.Of(database.RangeOf(user.Number)));
        var call = Send<StoreFind>(0, [-1 - alternate], cancellationToken, out var fails, out var ticket);
        if (!fails)
        {
            faults.Scheduler.After(OneWay(), () =>
            {
                var found = new List<UserKey>();
                var learned = new List<(PhysicalRange Range, int Place)>();
                foreach (var range in database.Leaves)
                {
                    if (!TryReplica(range, range.Log.Count == 0 ? 0 : tokens[range.First], out var place))
                    {
                        RefuseSession(call, range.First);
                        return;
                    }

                    learned.Add((range, place));
                    for (var user = range.First; user < range.End; user++)
                    {
                        if (range.Find(user, place)?.Version.Returned.Alternate == alternate)
                            found.Add(database.Users[user].Key);
                    }
                }

                history.Note(SimulationEvent.FindServed, machine.Number, alternate, found.Count);
                var result = new StoreFind(found, FeedCosts.QueryCharge) { Positions = Named(learned.Select(each => each.Range.PositionOf(each.Place))) };
                faults.Scheduler.After(OneWay(), () => call.Arrive(result, () =>
                {
                    foreach (var (range, place) in learned)
                        session.Raise(range, place);
                    costs.AddRead(-1 - alternate);
                }));
            });
        }

        return ReceiveAsync(call, ticket);
    }

    /// <summary>Waits for a response. The read counts as in flight until the step in which its reader receives the response.</summary>
    private async ValueTask<T> ReceiveAsync<T>(Call<T> call, ReadTicket ticket)
    {
        try
        {
            return await call.Response;
        }
        finally
        {
            inFlightReads.End(ticket);
        }
    }

    private StoreRead CreateResult(int user, State state, string? ifNoneMatch)
    {
        var lsn = plan.ReturnsReadLsns ? state.Position.Lsn : 0;
        var partition = plan.ReturnsReadLsns ? state.Position.Partition : null;
        var read = new StoreRead(StoreReadStatus.NotFound, null, lsn, 1) { Partition = partition };
        if (state.Version.Document(faults.Scheduler.Now, plan.ReturnsDocumentLsns ? state.VersionLsn : 0) is not { } document)
        {
            history.Note(SimulationEvent.ReadFoundNoUser, machine.Number, user, state.Version.Index, state.Place);
            return read;
        }

        if (document.ETag == ifNoneMatch)
        {
            history.Note(SimulationEvent.ReadNotModified, machine.Number, user, state.Version.Index, state.Place);
            return read with { Status = StoreReadStatus.NotModified, ConfirmedLsn = document.Lsn };
        }

        history.Note(SimulationEvent.ReadServed, machine.Number, user, state.Version.Index, state.Place);
        return read with { Status = StoreReadStatus.Found, Document = document };
    }

    /// <summary>Returns the positions by partition, as far as the store returns them.</summary>
    private LogSpan[] Named(IEnumerable<LogPosition> positions) => !plan.ReturnsReadLsns
        ? []
        : [
            .. positions.GroupBy(position => position.Partition!)
                .Select(each => new LogSpan(each.Key, each.Min(position => position.Lsn), each.Max(position => position.Lsn))),
        ];

    private bool TryServe(int user, int token, out State state)
    {
        var range = database.RangeOf(user);
        state = default;
        if (!TryReplica(range, token, out var place))
            return false;

        var record = range.Find(user, place);
        state = new State(range, place, record?.Version.Returned ?? database.Users[user][0], record?.Lsn ?? 0);
        if (state.Version != database.Users[user].Newest)
            history.Count(SimulationEvent.ReplicaBehindTruth);
        return true;
    }

    /// <summary>Selects a replica. A replica behind the session forwards the read or reports that the session is not available.</summary>
    private bool TryReplica(PhysicalRange range, int token, out int place)
    {
        var now = faults.Scheduler.Now;
        place = range.AppliedBy(random.Next(PhysicalRange.Replicas), now);
        if (random.Chance(plan.StaleReplicas))
        {
            for (var replica = 0; replica < PhysicalRange.Replicas; replica++)
                place = Math.Min(place, range.AppliedBy(replica, now));
        }

        if (place >= token)
            return true;

        history.Count(SimulationEvent.ReplicaBehindSession);
        if (faults.AreOn && random.Chance(plan.SessionGaps))
            return false;

        place = range.AppliedBy(0, now);
        return true;
    }

    private Call<T> Send<T>(int user, int[] about, CancellationToken cancellationToken, out bool fails, out ReadTicket ticket)
    {
        Open++;
        var begun = ticket = inFlightReads.Begin(about, Request.Current!);
        var call = new Call<T>(machine, Ended, cancellationToken);
        fails = true;
        if (!faults.AreOn)
        {
            fails = false;
        }
        else if (random.Chance(plan.ReadStalls))
        {
            history.Note(SimulationEvent.ReadStalled, machine.Number, user);
        }
        else if (random.Chance(plan.ReadErrors))
        {
            Refuse(call, user, random.Chance(0.3) ? UserStoreFailure.Throttled : UserStoreFailure.Unavailable);
        }
        else
        {
            fails = false;
        }

        return call;

        void Ended(bool isCanceled)
        {
            Open--;
            if (!isCanceled)
                return;

            inFlightReads.End(begun);
            history.Note(SimulationEvent.ReadCanceled, machine.Number, user);
        }
    }

    /// <summary>Responds that no replica has reached the session (404/1002), after which the SDK forgets the session of all ranges.</summary>
    private void RefuseSession<T>(Call<T> call, int user) => Refuse(call, user, UserStoreFailure.Behind, () =>
    {
        if (!plan.LosesSession)
            return;

        history.Note(SimulationEvent.SessionLost, machine.Number, user);
        session.Clear();
    });

    private void Refuse<T>(Call<T> call, int user, UserStoreFailure failure, Action? received = null)
    {
        var what = failure switch
        {
            UserStoreFailure.Behind => SimulationEvent.SessionNotAvailable,
            UserStoreFailure.Throttled => SimulationEvent.ReadThrottled,
            _ => SimulationEvent.ReadFailed,
        };
        history.Note(what, machine.Number, user);
        faults.Scheduler.After(OneWay(), () => call.Arrive(new UserStoreException(failure, "simulated"), received));
    }

    private long OneWay() => _network.OneWay(plan.SlowReads, SimulationEvent.ReadSlow);

    /// <summary>The state of one user in a replica.</summary>
    /// <param name="Range">The partition.</param>
    /// <param name="Place">The place up to which the replica has applied the log.</param>
    /// <param name="Version">The version.</param>
    /// <param name="VersionLsn">The LSN of the version, or 0 if the user was never created.</param>
    private readonly record struct State(PhysicalRange Range, int Place, UserVersion Version, long VersionLsn)
    {
        public LogPosition Position => Range.PositionOf(Place);
    }
}
