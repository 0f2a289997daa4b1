using Lookup.Simulation.Engine;

namespace Lookup.Simulation.Scale;

/// <summary>
/// A coarse model of a fleet, without messages and faults. It contains only the lookups on each instance, the polls that they require and
/// the staleness of their results. All users fit into each cache, and reads and polls take no time.
/// </summary>
internal sealed class Fleet
{
    private readonly FleetSettings _settings;
    private readonly SimRandom _random;
    private readonly FleetResult _result;
    private readonly FleetChanges _changes;
    private readonly int[] _accesses;
    private readonly int _keys;

    private Fleet(FleetSettings settings, int[] accesses, int keys, ulong seed)
    {
        _settings = settings;
        _accesses = accesses;
        _keys = keys;
        _random = new SimRandom(seed);
        _result = new FleetResult(settings);
        _changes = new FleetChanges(keys, settings.Ranges);
    }

    /// <summary>Runs the model.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="accesses">The users of the trace, in the order of their accesses.</param>
    /// <param name="keys">The number of users in the trace.</param>
    /// <param name="seed">The seed. With the same seed, the lookups and changes are the same whatever the polling is.</param>
    public static FleetResult Run(FleetSettings settings, int[] accesses, int keys, ulong seed)
    {
        var fleet = new Fleet(settings, accesses, keys, seed);
        fleet.Change();
        fleet.LookUp();
        return fleet._result;
    }

    /// <summary>Converts seconds to ticks.</summary>
    public static long TicksOf(double seconds) => (long)(seconds * TimeSpan.TicksPerSecond);

    private void Change()
    {
        for (var time = NextGap(_settings.ChangeRate); time < _settings.Duration; time += NextGap(_settings.ChangeRate))
            _changes.Add(_accesses[_random.Next(_accesses.Length)], TicksOf(time));
    }

    private void LookUp()
    {
        var time = new FleetTime();
        FleetInstance[] instances = [.. Enumerable.Range(0, _settings.Instances).Select(_ => new FleetInstance(_settings, time, _changes, _result))];
        var at = _random.Next(_accesses.Length);
        for (var seconds = NextGap(_settings.LookupRate); seconds < _settings.Duration; seconds += NextGap(_settings.LookupRate))
        {
            at = at + 1 < _accesses.Length ? at + 1 : 0;
            var (instance, key, now) = (_random.Next(_settings.Instances), _accesses[at], TicksOf(seconds));
            _result.Lookups++;
            _result.Staleness.Add(now - _changes.FirstAfter(key, instances[instance].LookUp(key, now)));

            var entry = ((long)instance * _keys) + key;
            foreach (var cache in _result.Others)
                cache.LookUp(entry, now, readAt => _changes.FirstAfter(key, readAt));
        }

        foreach (var instance in instances)
            instance.PollUntil(TicksOf(_settings.Duration));
    }

    private double NextGap(double rate) => -Math.Log(1 - _random.NextDouble()) / rate;
}
