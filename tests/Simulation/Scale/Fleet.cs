using Lookup.Simulation.Engine;

namespace Lookup.Simulation.Scale;

/// <summary>
/// A coarse model of a fleet, without messages and faults. It contains only the lookups on each instance, the polls that they require and
/// the staleness of their results. All users fit into each cache, and a poll takes no time.
/// </summary>
/// <remarks>
/// Polls are not simulated individually, because 1,000 instances with 50 ranges send 50,000 per second. The state of an instance at any
/// time follows from the time at which it resumed polling and from the poll interval.
/// </remarks>
internal sealed class Fleet
{
    private readonly FleetSettings _settings;
    private readonly SimRandom _random;
    private readonly FleetResult _result;
    private readonly List<double>?[] _changes;
    private readonly Dictionary<long, double> _readAt = [];
    private readonly InstanceState[] _instances;
    private readonly int[] _accesses;
    private readonly int _keys;

    private Fleet(FleetSettings settings, int[] accesses, int keys, ulong seed)
    {
        _settings = settings;
        _accesses = accesses;
        _keys = keys;
        _random = new SimRandom(seed);
        _result = new FleetResult(settings);
        _changes = new List<double>?[keys];
        _instances = new InstanceState[settings.Instances];
    }

    public static FleetResult Run(FleetSettings settings, int[] accesses, int keys, ulong seed)
    {
        var fleet = new Fleet(settings, accesses, keys, seed);
        fleet.Change();
        fleet.LookUp();
        fleet.Close();
        return fleet._result;
    }

    private void Change()
    {
        for (var time = NextGap(_settings.ChangeRate); time < _settings.Duration; time += NextGap(_settings.ChangeRate))
            (_changes[_accesses[_random.Next(_accesses.Length)]] ??= []).Add(time);
    }

    private void LookUp()
    {
        var at = _random.Next(_accesses.Length);
        for (var time = NextGap(_settings.LookupRate); time < _settings.Duration; time += NextGap(_settings.LookupRate))
        {
            at = at + 1 < _accesses.Length ? at + 1 : 0;
            var (instance, key) = (_random.Next(_settings.Instances), _accesses[at]);
            _result.Lookups++;
            LookUp(instance, key, time);

            var entry = ((long)instance * _keys) + key;
            double FirstChange(double readAt) => FirstChangeAfter(key, readAt);
            _result.OfMinute.LookUp(entry, time, FirstChange);
            _result.OfSameBound.LookUp(entry, time, FirstChange);
        }
    }

    private void LookUp(int number, int key, double now)
    {
        ref var instance = ref _instances[number];
        if (instance.IsAwake && now - instance.LastLookup > _settings.IdleAfter)
            FallAsleep(ref instance);
        instance.LastLookup = now;

        var entry = ((long)number * _keys) + key;
        if (_readAt.TryGetValue(entry, out var readAt))
        {
            if (!instance.IsAwake && now - Math.Max(readAt, instance.PolledUntil) > _settings.MaxStaleness)
                WakeUp(ref instance, now); // a catch-up: one poll of each range confirms all entries

            var shown = (instance.IsAwake ? LastPoll(instance, now) : instance.PolledUntil) - _settings.FeedDelay;
            var missed = FirstChangeAfter(key, readAt);
            if (missed > shown)
            {
                _result.Staleness.Add(now - missed);
                return;
            }
        }

        _result.Reads++;
        _result.Staleness.Add(0);
        _readAt[entry] = now;
        if (!instance.IsAwake)
            WakeUp(ref instance, now);
    }

    private void Close()
    {
        for (var i = 0; i < _instances.Length; i++)
        {
            if (!_instances[i].IsAwake)
                continue;

            _instances[i].LastLookup = Math.Min(_instances[i].LastLookup, _settings.Duration - _settings.IdleAfter);
            FallAsleep(ref _instances[i]);
        }

        // A poll that returns changes is followed by another until there are no more, so there is one additional poll for each range and
        // interval with changes.
        var busy = new HashSet<(int Range, long Interval)>();
        for (var key = 0; key < _keys; key++)
        {
            foreach (var time in _changes[key] ?? [])
                busy.Add((key % _settings.Ranges, (long)(time / _settings.PollInterval)));
        }

        var pollsOfARange = _result.Polls / _settings.Ranges;
        var intervals = _settings.Duration / _settings.PollInterval;
        _result.Polls += busy.Count * pollsOfARange / intervals;
    }

    private static void WakeUp(ref InstanceState instance, double now)
    {
        instance.IsAwake = true;
        instance.AwakeSince = now;
    }

    private void FallAsleep(ref InstanceState instance)
    {
        instance.IsAwake = false;
        instance.PolledUntil = LastPoll(instance, Math.Max(instance.AwakeSince, instance.LastLookup + _settings.IdleAfter));
        _result.Polls += _settings.Ranges * (1 + Math.Round((instance.PolledUntil - instance.AwakeSince) / _settings.PollInterval));
    }

    private double LastPoll(in InstanceState instance, double now) =>
        instance.AwakeSince + (Math.Floor((now - instance.AwakeSince) / _settings.PollInterval) * _settings.PollInterval);

    /// <summary>Returns the time of the first change of a user after it was read, or infinity if there is none.</summary>
    private double FirstChangeAfter(int key, double readAt)
    {
        if (_changes[key] is not { } changes)
            return double.PositiveInfinity;

        var index = changes.BinarySearch(readAt);
        index = index < 0 ? ~index : index + 1;
        return index < changes.Count ? changes[index] : double.PositiveInfinity;
    }

    private double NextGap(double rate) => -Math.Log(1 - _random.NextDouble()) / rate;

    private struct InstanceState
    {
        public bool IsAwake;
        public double AwakeSince;
        public double LastLookup;
        public double PolledUntil;
    }
}
