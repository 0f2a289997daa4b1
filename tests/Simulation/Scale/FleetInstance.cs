using System.Globalization;
using System.Runtime.InteropServices;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;

namespace Lookup.Simulation.Scale;

/// <summary>
/// One instance of the fleet. Whether it polls or reads is decided by the shipped economy (<see cref="FeedEconomy"/>), with the shipped accounts
/// and epochs. The cache and the follower are modelled: all users fit into it, and reads and polls take no time.
/// </summary>
internal sealed class FleetInstance
{
    /// <summary>The number of changes on a full page of the feed.</summary>
    private const int PageSize = 100;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly FleetSettings _settings;
    private readonly FleetTime _time;
    private readonly FleetChanges _changes;
    private readonly FleetResult _result;
    private readonly FreshnessTracker _freshness;
    private readonly FeedEconomy _economy;
    private readonly Dictionary<int, Entry> _entries = [];
    private readonly Dictionary<int, (long Until, RangeAccount? Account)> _evictedEarly = [];
    private readonly int[] _read; // by range, the number of changes that the feed has returned; -1 before the first poll
    private readonly long[] _dueAt; // by range; long.MaxValue while polling is paused
    private readonly long _maxStaleness;
    private readonly long _feedDelay;

    public FleetInstance(FleetSettings settings, FleetTime time, FleetChanges changes, FleetResult result)
    {
        (_settings, _time, _changes, _result) = (settings, time, changes, result);
        (_maxStaleness, _feedDelay) = (Fleet.TicksOf(settings.MaxStaleness), Fleet.TicksOf(settings.FeedDelay));
        _freshness = new FreshnessTracker(time) { MaxStaleness = _maxStaleness };
        var options = new FollowerOptions
        {
            PollInterval = TimeSpan.FromSeconds(settings.PollInterval),
            IdleAfter = TimeSpan.FromSeconds(settings.IdleAfter),
            Polling = settings.Polling,
        };
        _economy = new FeedEconomy(options, _freshness);
        _freshness.BeginEpochs(new Partitioner(settings.Ranges), settings.Ranges);
        _economy.Start(settings.Ranges);
        _read = new int[settings.Ranges];
        Array.Fill(_read, -1);
        _dueAt = new long[settings.Ranges];
    }

    private bool IsPaused => _time.Ticks - _freshness.LastLookup > Fleet.TicksOf(_settings.IdleAfter);

    /// <summary>Looks a user up.</summary>
    /// <returns>The time of the version that is returned: it contains all changes up to then.</returns>
    public long LookUp(int key, long now)
    {
        PollUntil(now);
        _time.Ticks = now;
        _freshness.NoteLookup(now);
        var range = _changes.RangeOf(key);
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, key);
        if (!IsNull(ref entry) && !IsFresh(entry, now) && entry.Epoch is { } epoch && _freshness.Current.Contains(epoch) && _economy.Buys(range, _settings.ReadCharge))
        {
            Wake(now);
            Poll(range);
            entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, key);
        }

        if (IsNull(ref entry) || !IsFresh(entry, now))
            return Read(key, range, now, IsNull(ref entry) ? null : entry);

        if (now - entry.ReadStartedAt > _maxStaleness && now - entry.CountedAt > _maxStaleness)
        {
            entry.CountedAt = now;
            entry.Epoch?.Account.AddSaved(now, _settings.ReadCharge);
        }

        entry.IsUsed = true;
        return entry.VersionAt;
    }

    /// <summary>Sends the background polls that are due up to a time.</summary>
    public void PollUntil(long until)
    {
        while (true)
        {
            var range = 0;
            for (var i = 1; i < _dueAt.Length; i++)
                range = _dueAt[i] < _dueAt[range] ? i : range;
            if (_dueAt[range] > until)
                return;

            _time.Ticks = _dueAt[range];
            _dueAt[range] = PollOrWait(range);
        }
    }

    /// <summary>Polls a range if it is due.</summary>
    /// <returns>The time at which to call this method again.</returns>
    private long PollOrWait(int range)
    {
        var isPaused = IsPaused;
        if (isPaused && (_freshness.Current[range].IsArmed || !_economy.MayStartWithoutLookups(range)))
            return long.MaxValue;

        var wait = _economy.BuyOrWait(range);
        if (wait <= TimeSpan.Zero)
        {
            Poll(range);
            return _time.Ticks;
        }

        if (_settings.Polling == FeedPolling.Steady)
            return _time.Ticks + wait.Ticks;
        return isPaused ? long.MaxValue : _time.Ticks + Math.Min(wait.Ticks, LongestWait.Ticks);
    }

    private void Wake(long now)
    {
        for (var i = 0; i < _dueAt.Length; i++)
            _dueAt[i] = _dueAt[i] == long.MaxValue ? now : _dueAt[i];
    }

    private void Poll(int range)
    {
        if (!_economy.TryTakePayment(range))
            throw new InvalidOperationException($"A poll of range {range} was sent without a payment.");

        var now = _time.Ticks;
        var isOutdated = _economy.IsOutdated(range);
        if (isOutdated)
            _freshness.EndEpoch(_freshness.Current[range]);
        var epoch = _freshness.Current[range];
        var isStart = isOutdated || _read[range] < 0;
        var changes = _changes.OfRange(range);
        var shown = Math.Max(0, _read[range]);
        for (; shown < changes.Count && changes[shown].Time <= (isStart ? now : now - _feedDelay); shown++)
        {
            if (!isStart)
                Apply(changes[shown].Key, changes[shown].Time, epoch, range, now);
        }

        // A page with changes is followed by another poll until there are no more.
        var pages = isStart ? 0 : (shown - _read[range] + PageSize - 1) / PageSize;
        _read[range] = shown;
        for (var i = 0; i < pages; i++)
            _economy.AddPage(range, _settings.PollCharge, isEmptyEnd: false);
        _economy.AddPage(range, _settings.PollCharge, isEmptyEnd: true);
        _result.Polls += pages + 1;
        _freshness.Confirm(epoch, now);
        _economy.AddPoll(range, now, isSuccessful: true, isOutdated);
    }

    /// <summary>Applies a change: an older entry that was used is updated, and one that was not is evicted.</summary>
    private void Apply(int key, long changedAt, FeedEpoch epoch, int range, long now)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_entries, key);
        if (IsNull(ref entry) || entry.VersionAt >= changedAt)
            return;

        if (entry.IsUsed && epoch.IsArmed)
        {
            entry = new Entry { ReadStartedAt = FeedEpoch.Never, VersionAt = changedAt, CountedAt = now, Epoch = epoch };
            return;
        }

        if (entry.CountedAt + _maxStaleness >= now)
            _evictedEarly[key] = (entry.CountedAt + _maxStaleness, _economy.AccountOfPoll(range));
        _entries.Remove(key);
    }

    private long Read(int key, int range, long now, Entry? held)
    {
        _result.Reads++;
        var epoch = _freshness.Current[range];
        RangeAccount? evictedFor = null;
        var isLost = held is { } entry
            ? now - entry.CountedAt <= _maxStaleness
            : _evictedEarly.Remove(key, out var early) && now < early.Until && (evictedFor = early.Account) is var _;
        epoch.Account.AddRead(now, _settings.ReadCharge, isRent: !epoch.IsArmed, isLost);
        if (isLost)
            (evictedFor ?? epoch.Account).Pay(_settings.ReadCharge);

        _entries[key] = new Entry { ReadStartedAt = now, VersionAt = now, CountedAt = now, Epoch = epoch.IsArmed ? epoch : null };
        Wake(now);
        return now;
    }

    private bool IsFresh(in Entry entry, long now) =>
        now - Math.Max(entry.ReadStartedAt, entry.Epoch?.ConfirmedAt ?? FeedEpoch.Never) <= _maxStaleness;

    private static bool IsNull(ref Entry entry) => System.Runtime.CompilerServices.Unsafe.IsNullRef(ref entry);

    private struct Entry
    {
        public long ReadStartedAt;
        public long VersionAt;
        public long CountedAt; // when it was read, or counted as a read that the feed has saved
        public FeedEpoch? Epoch;
        public bool IsUsed;
    }

    private sealed class Partitioner(int ranges) : IFeedPartitioner
    {
        public int RangeOf(string partitionKey) => int.Parse(partitionKey, CultureInfo.InvariantCulture) % ranges;
    }
}
