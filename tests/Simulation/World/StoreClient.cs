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
    InFlightReads inFlightReads) : IUserStore
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
                if (!TryServe(user, token, out var version, out var range, out var replicaLsn))
                {
                    Refuse(call, user, UserStoreFailure.Behind);
                    return;
                }

                var read = CreateResult(user, version, replicaLsn, ifNoneMatch);
                faults.Scheduler.After(OneWay(), () => call.Arrive(read, () => session.Raise(range, replicaLsn)));
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
        for (var i = 0; i < left; i++)
        {
            var (user, token) = (users[i], tokens[i]);
            faults.Scheduler.After(OneWay(), () =>
            {
                if (!TryServe(user, token, out var version, out var range, out var replicaLsn))
                {
                    Refuse(call, user, UserStoreFailure.Behind);
                    return;
                }

                history.Note(version.IsAbsent ? SimulationEvent.ReadFoundNoUser : SimulationEvent.ReadServed, machine.Number, user, version.Index, replicaLsn);
                var key = database.Users[user].Key;
                var documents = new Dictionary<UserKey, UserDocument>();
                if (DocumentOf(version) is { } document)
                    documents[key] = document;
                faults.Scheduler.After(OneWay(), () => call.ArriveInPart(() =>
                {
                    session.Raise(range, replicaLsn);
                    inFlightReads.EndOf(ticket, user);
                    part(new StoreReadMany([key], documents, 1));
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
                var learned = new List<(PhysicalRange Range, long Lsn)>();
                foreach (var range in database.Leaves)
                {
                    if (!TryReplica(range, range.Log.Count == 0 ? 0 : tokens[range.First], out var replicaLsn))
                    {
                        Refuse(call, range.First, UserStoreFailure.Behind);
                        return;
                    }

                    learned.Add((range, replicaLsn));
                    for (var user = range.First; user < range.End; user++)
                    {
                        if (database.Users[user].At(replicaLsn).Alternate == alternate)
                            found.Add(database.Users[user].Key);
                    }
                }

                history.Note(SimulationEvent.FindServed, machine.Number, alternate, found.Count);
                faults.Scheduler.After(OneWay(), () => call.Arrive(new StoreFind(found, 3), () =>
                {
                    foreach (var (range, lsn) in learned)
                        session.Raise(range, lsn);
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

    private StoreRead CreateResult(int user, UserVersion version, long replicaLsn, string? ifNoneMatch)
    {
        var lsn = plan.ReturnsReadLsns ? replicaLsn : 0;
        if (DocumentOf(version) is not { } document)
        {
            history.Note(SimulationEvent.ReadFoundNoUser, machine.Number, user, version.Index, replicaLsn);
            return new StoreRead(StoreReadStatus.NotFound, null, lsn, 1);
        }

        if (document.ETag == ifNoneMatch)
        {
            history.Note(SimulationEvent.ReadNotModified, machine.Number, user, version.Index, replicaLsn);
            return new StoreRead(StoreReadStatus.NotModified, null, lsn, 1);
        }

        history.Note(SimulationEvent.ReadServed, machine.Number, user, version.Index, replicaLsn);
        return new StoreRead(StoreReadStatus.Found, document, lsn, 1);
    }

    private UserDocument? DocumentOf(UserVersion version) => plan.ReturnsDocumentLsns ? version.Document : version.WithoutLsn;

    private bool TryServe(int user, long token, out UserVersion version, out PhysicalRange range, out long replicaLsn)
    {
        range = database.RangeOf(user);
        version = database.Users[user].Newest;
        if (!TryReplica(range, token, out replicaLsn))
            return false;

        version = database.Users[user].At(replicaLsn);
        if (version != database.Users[user].Newest)
            history.Count(SimulationEvent.ReplicaBehindTruth);
        return true;
    }

    /// <summary>Selects a replica. A replica behind the session forwards the read or reports that the session is not available.</summary>
    private bool TryReplica(PhysicalRange range, long token, out long replicaLsn)
    {
        var now = faults.Scheduler.Now;
        replicaLsn = range.AppliedBy(random.Next(PhysicalRange.Replicas), now);
        if (random.Chance(plan.StaleReplicas))
        {
            for (var replica = 0; replica < PhysicalRange.Replicas; replica++)
                replicaLsn = Math.Min(replicaLsn, range.AppliedBy(replica, now));
        }

        if (replicaLsn >= token)
            return true;

        history.Count(SimulationEvent.ReplicaBehindSession);
        if (faults.AreOn && random.Chance(plan.SessionGaps))
            return false;

        replicaLsn = range.AppliedBy(0, now);
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

    private void Refuse<T>(Call<T> call, int user, UserStoreFailure failure)
    {
        var what = failure switch
        {
            UserStoreFailure.Behind => SimulationEvent.SessionNotAvailable,
            UserStoreFailure.Throttled => SimulationEvent.ReadThrottled,
            _ => SimulationEvent.ReadFailed,
        };
        history.Note(what, machine.Number, user);
        faults.Scheduler.After(OneWay(), () => call.Arrive(new UserStoreException(failure, "simulated")));
    }

    private long OneWay() => _network.OneWay(plan.SlowReads, SimulationEvent.ReadSlow);
}
