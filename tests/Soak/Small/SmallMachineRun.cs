using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;
using Lookup.Soak.Load;

namespace Lookup.Soak.Small;

/// <summary>
/// A run of one instance on a small machine, under one load after the other and under all of them. Each response to the checked clients is
/// checked as in a run with a fleet.
/// </summary>
internal static class SmallMachineRun
{
    private const int ConnectionsPerSecond = 3000;
    private const int IdleConnections = 5000;
    private const int Batches = 10;
    private const int MissesPerSecond = 500;
    private const int ChangesPerSecond = 2000;
    private const int MissConnections = 256;

    private static readonly string[] Reads = ["pointRead", "query", "queryPlan", "feedPoll"];
    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestRecovery = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Sampling = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs all phases, each for an equal share of the run's length.</summary>
    public static async Task<SmallMachineResult> RunAsync(
        SoakOptions options, MachineSize machine, Programs programs, TextWriter? progress, CancellationToken cancelled)
    {
        var plan = new WorldPlan
        {
            Seed = options.Seed,
            Instances = 1,
            Rate = 300,
            Users = options.Users,
            WritesPerSecond = Phase.FewChanges,
            MaxStaleness = TimeSpan.FromSeconds(5),
            PollInterval = TimeSpan.FromSeconds(1),
            Longest = options.Length + TimeSpan.FromMinutes(20),
            Machine = machine,
            Settings = [("Lookup__CacheSizeBytes", null), ("Lookup__MaxConnections", null)],
        };
        await using var world = await World.StartAsync(plan, programs, cancelled);
        var port = world.Instances[0].Port;
        using var probe = new HitProbe(port, world.Users.Ids[world.Users.Writable..]);
        await world.StopClearsAsync(cancelled); // without cached users there would be no hits to measure
        world.Begin();
        await Task.Delay(Warming, TimeProvider.System, cancelled);
        probe.Take();

        var phases = Phases(port, world.Users);
        var results = new List<PhaseResult>();
        foreach (var phase in phases)
        {
            var result = await RunAsync(world, phase, probe, options.Length / phases.Count, cancelled);
            results.Add(result);
            if (progress is not null)
                await progress.WriteLineAsync(SmallMachineReport.Row(result));
        }

        await world.StopAsync();
        await FinalConsistencyCheck.RunAsync(world, cancelled);
        return new SmallMachineResult(machine, results, world.Responses, [.. world.Violations], world.ViolationCount);
    }

    private static IReadOnlyList<Phase> Phases(int port, Population users)
    {
        var address = new Uri($"http://127.0.0.1:{port}");
        ConnectionFlood Connections() => new(port, ConnectionsPerSecond, IdleConnections);
        BatchClients BatchClients() => new(address, users.Ids, Batches);
        MissClients Misses() => new(address, MissesPerSecond, MissConnections);
        return
        [
            new("nothing else", []),
            new("misses", [Misses()]),
            new("connections", [Connections()]),
            new("batches", [BatchClients()]),
            new("a store that hangs", [Misses()], Hangs: true),
            new("changes", [], ChangesPerSecond),
            new("all at once", [Connections(), BatchClients(), Misses()], ChangesPerSecond, Hangs: true),
        ];
    }

    private static async Task<PhaseResult> RunAsync(World world, Phase phase, HitProbe probe, TimeSpan length, CancellationToken cancelled)
    {
        world.FaultNow = phase.Name;
        var instance = world.Instances[0];
        var began = SoakClock.Now;
        var writtenBefore = world.Writers.Written;
        var (resident, handles) = (0L, 0);
        var (processorTime, endpointTime) = ProcessorTimes();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        using (world.TroubleStore())
        {
            if (phase.Hangs)
            {
                foreach (var operation in Reads)
                    await world.Endpoint.TryControlAsync(HttpMethod.Post, "faults", new { operation, delayMs = 20_000, durationMs = (int)length.TotalMilliseconds }, cancelled);
            }

            world.Writers.WritesPerSecond = phase.ChangesPerSecond;
            var running = Task.WhenAll(phase.Pressures.Select(pressure => Task.Run(() => pressure.RunAsync(stopping.Token), CancellationToken.None)));
            while (SoakClock.Now - began < length.Ticks)
            {
                await Task.Delay(Sampling, TimeProvider.System, cancelled);
                if (ProcessVitals.Of(instance.ProcessId) is { } vitals)
                    (resident, handles) = (Math.Max(resident, vitals.ResidentBytes), Math.Max(handles, vitals.Handles));
                else
                    throw new InvalidOperationException($"The instance ended during the phase \"{phase.Name}\":\n{string.Join('\n', instance.Lines)}");
            }

            world.Writers.WritesPerSecond = Phase.FewChanges;
            await stopping.CancelAsync();
            var ended = SoakClock.Now;
            var took = TimeSpan.FromTicks(ended - began);
            var (cores, endpointCores) = ((ProcessorTimes().Service - processorTime) / took, (ProcessorTimes().Endpoint - endpointTime) / took);
            var hits = probe.Take();
            var recovery = RecoverAsync(world, ended, cancelled);
            await running;
            return new PhaseResult(
                phase, took, world.Writers.Written - writtenBefore, hits, resident, handles, cores, endpointCores, await recovery);
        }

        (TimeSpan Service, TimeSpan Endpoint) ProcessorTimes() =>
            (ProcessVitals.Of(instance.ProcessId)?.ProcessorTime ?? default, world.Endpoint.Vitals?.ProcessorTime ?? default);
    }

    /// <summary>Waits until the instance is ready and fails no request.</summary>
    private static async Task<TimeSpan?> RecoverAsync(World world, long since, CancellationToken cancelled)
    {
        using var http = ServiceClient.Create(new Uri($"http://127.0.0.1:{world.Instances[0].Port}"), TimeSpan.FromSeconds(2));
        var readyAt = long.MaxValue;
        while (SoakClock.Now - since < LongestRecovery.Ticks)
        {
            var began = SoakClock.Now;
            if (await IsReadyAsync(http, cancelled))
            {
                readyAt = Math.Min(readyAt, began);
                if (SoakClock.Now - Math.Max(since, world.Tally.LastFailure) >= Quiet.Ticks)
                    return TimeSpan.FromTicks(Math.Max(readyAt, world.Tally.LastFailure) - since);
            }
            else
            {
                readyAt = long.MaxValue;
            }

            await Task.Delay(Sampling, TimeProvider.System, cancelled);
        }

        return null;
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancelled)
    {
        try
        {
            var text = await http.GetStringAsync(new Uri("/api/health/ready", UriKind.Relative), cancelled);
            return text.Contains("\"ready\"", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancelled.IsCancellationRequested))
        {
            return false;
        }
    }
}

/// <summary>The results of a run on a small machine.</summary>
internal sealed record SmallMachineResult(
    MachineSize Machine, IReadOnlyList<PhaseResult> Phases, long Responses, IReadOnlyList<Violation> Violations, long ViolationCount)
{
    /// <summary>The longest latency that cached users may have, at the 99th percentile.</summary>
    public static readonly TimeSpan MaxHitLatency = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest time that the recovery from a phase may take.</summary>
    public static readonly TimeSpan MaxRecovery = TimeSpan.FromSeconds(5);

    /// <summary>Gets a value that indicates whether each response was right, and the instance responded to all hits and recovered from each phase.</summary>
    public bool IsCorrect => ViolationCount == 0 && Phases.All(phase => phase.Hits.Hits.Failed.Count + phase.Hits.Others.Failed.Count == 0 && phase.Recovery is not null);

    /// <summary>Gets a value that indicates whether hits and recoveries also took as long as they may.</summary>
    public bool IsFast => Phases.All(phase => phase.Hits.Hits.Percentile(0.99) <= MaxHitLatency && phase.Recovery <= MaxRecovery);
}
