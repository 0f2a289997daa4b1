using Lookup.Domain.SharedTier;
using Lookup.Simulation.Checking;
using Lookup.Simulation.Engine;
using Lookup.Simulation.Runs;

namespace Lookup.Simulation.World;

/// <summary>
/// The tier that the instances of a run share. It returns values that were written under a key at any time, or under another key. It has two primaries,
/// which differ while they are split.
/// </summary>
internal sealed class SharedTier(TierPlan plan, Database database, History history, SimRandom random)
{
    private const string OwnLog = "account/database/users";
    private const string OtherLog = "account/database/others";

    private static readonly DocumentShape OwnShape = new([], ["/email"], "/id");
    private static readonly DocumentShape OtherShape = new(["/phone"], ["/email"], "/id");

    private readonly Dictionary<string, List<byte[]>> _written = new(StringComparer.Ordinal);
    private readonly List<string> _keys = []; // of _written, in the order of the first write
    private readonly Dictionary<string, int> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]>[] _primaries = [new(StringComparer.Ordinal), new(StringComparer.Ordinal)];
    private bool _isSplit;

    /// <summary>Creates the options of an instance, apart from the connection.</summary>
    public SharedTierOptions OptionsFor(InstanceKind kind, ISharedTier connection, Action<SharedEntry, TierCheck> landed)
    {
        var log = kind == InstanceKind.OtherLog ? OtherLog : OwnLog;
        var shape = kind == InstanceKind.OtherShape ? OtherShape : OwnShape;
        var keys = new SharedTierKeys(log, shape);
        foreach (var user in database.Users)
            _users[keys.Of(user.Key)] = user.Number;
        return new SharedTierOptions
        {
            Tier = connection,
            Shape = shape,
            LogIdentity = _ => log,
            Timeout = plan.Timeout,
            ClockTolerance = TimeSpan.FromTicks(plan.ClockTolerance),
            Landed = landed,
        };
    }

    /// <summary>Returns the number of the user of a key, or −1 for another key.</summary>
    public int UserOf(string key) => _users.GetValueOrDefault(key, -1);

    /// <summary>Returns the value that a request gets.</summary>
    public byte[]? Read(int machine, string key)
    {
        var user = UserOf(key);
        var current = _primaries[machine & 1].GetValueOrDefault(key);
        var value = current;
        if (random.Chance(plan.Swaps) && _keys.Count > 1)
        {
            var other = _written[_keys[random.Next(_keys.Count)]];
            history.Note(SimulationEvent.TierSwapped, machine, user);
            value = other[random.Next(other.Count)];
        }
        else if (random.Chance(plan.Resurrections) && _written.TryGetValue(key, out var all))
        {
            value = all[random.Next(all.Count)];
            history.Note(value == current ? SimulationEvent.TierServed : SimulationEvent.TierResurrected, machine, user);
        }
        else
        {
            if (value is not null && random.Chance(plan.Losses))
                value = null;
            history.Note(value is null ? SimulationEvent.TierMissed : SimulationEvent.TierServed, machine, user);
        }

        if (value is null || !random.Chance(plan.Damages))
            return value;

        history.Note(SimulationEvent.TierDamaged, machine, user);
        value = random.Chance(0.5) ? value[..random.Next(value.Length)] : [.. value];
        if (value.Length > 0)
            value[random.Next(value.Length)] ^= 1;
        return value;
    }

    /// <summary>Applies a write or, with <see langword="null"/>, a deletion.</summary>
    public void Write(int machine, string key, byte[]? value)
    {
        history.Note(value is null ? SimulationEvent.TierDeleted : SimulationEvent.TierWritten, machine, UserOf(key));
        for (var i = 0; i < _primaries.Length; i++)
        {
            if (_isSplit && i != (machine & 1))
                continue;
            if (value is null)
                _primaries[i].Remove(key);
            else
                _primaries[i][key] = value;
        }

        if (value is null)
            return;

        if (!_written.TryGetValue(key, out var all))
        {
            _written[key] = all = [];
            _keys.Add(key);
        }

        all.Add(value);
    }

    public bool Contains(int machine, string key) => _primaries[machine & 1].ContainsKey(key);

    /// <summary>Restarts the tier, empty or with values of earlier times.</summary>
    public void Restart(bool isEmpty)
    {
        history.Note(isEmpty ? SimulationEvent.TierEmptied : SimulationEvent.TierRestored, -1);
        var restored = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var key in isEmpty ? [] : _keys)
            restored[key] = _written[key][random.Next(_written[key].Count)];
        SetAll(restored);
    }

    /// <summary>Splits the tier into two primaries, each with some of the instances.</summary>
    public void Split()
    {
        history.Note(SimulationEvent.TierSplit, -1);
        _isSplit = true;
    }

    /// <summary>Ends the split. What was written to one of the primaries is lost.</summary>
    public void Join()
    {
        if (!_isSplit)
            return;

        history.Note(SimulationEvent.TierJoined, -1);
        _isSplit = false;
        SetAll(_primaries[random.Next(2)]);
    }

    private void SetAll(Dictionary<string, byte[]> values)
    {
        for (var i = 0; i < _primaries.Length; i++)
            _primaries[i] = new Dictionary<string, byte[]>(values, StringComparer.Ordinal);
    }
}
