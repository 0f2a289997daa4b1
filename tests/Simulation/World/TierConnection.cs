using Lookup.Domain.SharedTier;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.World;

/// <summary>
/// The shared tier from the view of one process. Responses can be late, lost or errors. A change is applied later than its call ends, also after it was
/// canceled, twice or not at all.
/// </summary>
internal sealed class TierConnection(
    SharedTier tier,
    TierPlan tierPlan,
    Machine machine,
    Plan plan,
    Faults faults,
    History history,
    SimRandom random,
    InFlightReads inFlightReads) : ISharedTier
{
    private readonly Network _network = new(plan, faults, history, random.Fork());

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken) =>
        Send([key], () => Read(key), cancellationToken);

    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        Send(keys, () => (IReadOnlyList<ReadOnlyMemory<byte>?>)[.. keys.Select(Read)], cancellationToken);

    public async ValueTask SetAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        _ = await ChangeAsync(key, () => tier.Write(machine.Number, key, value.ToArray()), cancellationToken);

    public ValueTask<bool> TryAddAsync(string key, ReadOnlyMemory<byte> value, TimeSpan timeToLive, CancellationToken cancellationToken) => ChangeAsync(
        key,
        () =>
        {
            if (!tier.Contains(machine.Number, key))
                tier.Write(machine.Number, key, value.ToArray());
        },
        cancellationToken);

    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken) =>
        _ = await ChangeAsync(key, () => tier.Write(machine.Number, key, null), cancellationToken);

    private ReadOnlyMemory<byte>? Read(string key) => tier.Read(machine.Number, key) is { } value ? new ReadOnlyMemory<byte>(value) : null;

    private ValueTask<T> Send<T>(IReadOnlyList<string> keys, Func<T> read, CancellationToken cancellationToken)
    {
        inFlightReads.NoteAttached(Request.Current!);
        foreach (var key in keys)
            history.Note(SimulationEvent.TierAsked, machine.Number, tier.UserOf(key));
        if (tierPlan.IsInProcess)
            return ValueTask.FromResult(read());

        var call = Begin<T>(tier.UserOf(keys[0]), cancellationToken, out var fails);
        if (!fails)
            faults.Scheduler.After(OneWay(), () => Respond(call, read()));
        return call.Response;
    }

    private ValueTask<bool> ChangeAsync(string key, Action change, CancellationToken cancellationToken)
    {
        var call = Begin<bool>(tier.UserOf(key), cancellationToken, out var fails);
        if (faults.AreOn && random.Chance(tierPlan.LostWrites))
            history.Note(SimulationEvent.TierChangeLost, machine.Number, tier.UserOf(key));
        else
            faults.Scheduler.After(UntilApplied(), change);
        if (faults.AreOn && random.Chance(tierPlan.Duplicates))
            faults.Scheduler.After(UntilApplied(), change);
        if (!fails)
            faults.Scheduler.After(OneWay(), () => Respond(call, true));
        return call.Response;
    }

    private void Respond<T>(Call<T> call, T response) =>
        faults.Scheduler.After(OneWay(), () => call.Arrive(response, static () => { }));

    private Call<T> Begin<T>(int user, CancellationToken cancellationToken, out bool fails)
    {
        var call = new Call<T>(machine, Ended, cancellationToken);
        fails = faults.AreOn;
        if (fails && random.Chance(tierPlan.Stalls))
        {
            history.Note(SimulationEvent.TierStalled, machine.Number, user);
        }
        else if (fails && random.Chance(tierPlan.Errors))
        {
            history.Note(SimulationEvent.TierFailed, machine.Number, user);
            faults.Scheduler.After(OneWay(), () => call.Arrive(random.Chance(0.5) ? new SharedTierException("simulated") : new InvalidOperationException("simulated")));
        }
        else
        {
            fails = false;
        }

        return call;

        void Ended(bool isCanceled)
        {
            if (isCanceled)
                history.Note(SimulationEvent.TierCanceled, machine.Number, user);
        }
    }

    private long OneWay() => _network.OneWay(tierPlan.SlowReads, SimulationEvent.TierSlow);

    private long UntilApplied() => _network.OneWay(tierPlan.SlowWrites, SimulationEvent.TierChangeDelayed);
}
