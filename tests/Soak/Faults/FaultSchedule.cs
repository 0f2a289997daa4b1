using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;

namespace Lookup.Soak.Faults;

/// <summary>The schedule of faults: in a long run first each alone, then several concurrently; in a short run always two at a time.</summary>
internal sealed class FaultSchedule(World world, SoakOptions options, long until)
{
    /// <summary>The shortest run in which each fault first runs alone, and the world recovers before the next fault.</summary>
    private static readonly TimeSpan LongRun = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan LongestRecovery = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.8);

    private readonly Random _random = new(options.Seed);
    private readonly Turns _locks = new(world.Instances.Length);
    private readonly Turns _endpoint = new(1);
    private readonly List<FaultRecord> _records = [];
    private readonly List<string> _now = [];

    public IReadOnlyList<FaultRecord> Records => _records;

    public async Task RunAsync(CancellationToken cancelled)
    {
        var faults = options.Faults.ToArray();
        if (faults.Length == 0)
            return;
        _random.Shuffle(faults);
        var all = faults.Sum(fault => fault.Seconds);
        if (options.Length < LongRun)
        {
            // Two lanes, of about the same length.
            var scale = options.Length.TotalSeconds * 0.7 / (all / 2);
            var lanes = new List<Fault>[] { [], [] };
            foreach (var fault in faults)
                lanes.MinBy(lane => lane.Sum(each => each.Seconds))!.Add(fault);
            await Task.WhenAll(lanes.Select(lane => RunLaneAsync(lane.Where(fault => !fault.LosesSession), scale, cancelled)));
            await RunLaneAsync(faults.Where(fault => fault.LosesSession), scale, cancelled);
            return;
        }

        var share = Math.Min(1, options.Length.TotalSeconds * 0.5 / all);
        foreach (var fault in faults)
            await RunAloneAsync(fault, share, cancelled);

        // Rounds of several concurrent faults, until the time is used up.
        while (SoakClock.Now < until - (TimeSpan.TicksPerSecond * 20))
        {
            _random.Shuffle(faults);
            var left = TimeSpan.FromTicks(until - SoakClock.Now).TotalSeconds - 10;
            var round = faults.Where(fault => fault.Seconds <= 12).Take(_random.Next(2, 5)).ToArray();
            if (Array.Exists(round, fault => fault.MakesLag))
                round = [.. round.Where(fault => !fault.LosesSession)];
            if (round.Length == 0)
                return;
            await Task.WhenAll(round.Select(fault => RunOneAsync(fault, Math.Min(1, left / 12), isAlone: false, cancelled)));
            await RecoverAsync(null, cancelled);
        }
    }

    private async Task RunLaneAsync(IEnumerable<Fault> lane, double scale, CancellationToken cancelled)
    {
        foreach (var fault in lane)
            await RunOneAsync(fault, scale, isAlone: false, cancelled);
    }

    private async Task RunAloneAsync(Fault fault, double scale, CancellationToken cancelled)
    {
        var record = await RunOneAsync(fault, scale, isAlone: true, cancelled);
        await RecoverAsync(record, cancelled);
    }

    private async Task RecoverAsync(FaultRecord? record, CancellationToken cancelled)
    {
        var since = record?.Until ?? SoakClock.Now;
        var recovery = await Recovery.AwaitAsync(world, since, LongestRecovery, cancelled);
        record?.Recovery = recovery;
        if (recovery is not null)
            return;

        // The end of a feed range is reached only if no change arrives during the poll, which a slow machine can prevent indefinitely.
        // Without writes, the end must be reached.
        record?.Note += " (not followed to the feed's end until writes were paused)";
        using var paused = await world.Writers.PauseAsync(cancelled);
        if (await Recovery.AwaitAsync(world, SoakClock.Now, LongestRecovery, cancelled) is null)
            world.Report(new Violation("recovery", $"{LongestRecovery.TotalSeconds} s after {record?.Name ?? "several faults"} not every instance follows the feed and responds without failures."));
    }

    private async Task<FaultRecord> RunOneAsync(Fault fault, double scale, bool isAlone, CancellationToken cancelled)
    {
        var duration = TimeSpan.FromSeconds(Math.Max(Shortest.TotalSeconds, fault.Seconds * scale));
        int seed;
        lock (_random)
            seed = _random.Next();
        var context = new FaultContext(world, duration, new Random(seed), _locks, cancelled);
        using var turn = fault.NeedsEndpoint ? await _endpoint.TakeAsync(0, cancelled) : null;
        var trouble = fault.TroublesStore ? world.TroubleStore() : null;
        Show(fault.Name, isOn: true);
        var from = SoakClock.Now;
        var note = "";
        try
        {
            note = await fault.RunAsync(context);
        }
        catch (HttpRequestException e)
        {
            note = $"cut short: {e.Message}";
        }
        finally
        {
            trouble?.Dispose();
            Show(fault.Name, isOn: false);
        }

        var record = new FaultRecord(fault.Name, isAlone, from, SoakClock.Now) { Note = note };
        lock (_records)
            _records.Add(record);
        return record;
    }

    private void Show(string name, bool isOn)
    {
        lock (_now)
        {
            if (isOn)
                _now.Add(name);
            else
                _now.Remove(name);
            world.FaultNow = string.Join(" + ", _now);
        }
    }
}
