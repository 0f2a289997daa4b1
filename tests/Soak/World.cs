using System.Collections.Concurrent;
using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;
using Lookup.Soak.Load;

namespace Lookup.Soak;

/// <summary>An endpoint, instances of the service, those who write and those who ask, and what is known of all of it.</summary>
internal sealed class World : IAsyncDisposable
{
    /// <summary>The longest that a request may take while nothing is stopped: its deadlines, one after the other, and a slow machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long after trouble with the store its failures are still explained: clients wait before they try again, and users that were
    /// evicted by a log of changes that is no more are refused for FillFenceWindow (10 s).
    /// </summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(15);

    private const int KeptViolations = 200;

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Violation> _violations = [];
    private readonly Lock _gate = new();
    private readonly List<(long From, long Until)> _storeTroubles = [];
    private readonly List<LoadConnection> _connections = [];
    private readonly string[] _faultNow = [""];
    private readonly long[] _lastSlowness;
    private Task _writing = Task.CompletedTask;
    private long _violationCount;
    private int _clears;
    private volatile bool _mayClear = true;
    private long _adoptedResponses;

    private World(WorldPlan plan, Programs programs, CosmosEndpoint endpoint)
    {
        (Plan, Programs, Endpoint) = (plan, programs, endpoint);
        Users = new Population(plan.Users, plan.Findable, plan.Still);
        Writers = new Writers(Users, endpoint, plan.Seed);
        Tally = new Tally(plan.Longest);
        Checker = new Checker(Users, [.. Enumerable.Range(0, plan.Instances).Select(plan.PromisesOf)], Lags, Report);
        var tags = new KnownTag?[plan.Users];
        Tags = tags;
        Judge = new Judge(Users, tags, Checker, [.. Enumerable.Repeat(plan.MaxStaleness, plan.Instances)], Report) { CorruptEvery = plan.CorruptEvery };
        Instances = [.. Enumerable.Range(0, plan.Instances).Select(number => new ServiceInstance(programs.Service, number, Fleet.ServiceSettings.Of(this, number)))];
        _lastSlowness = [.. Enumerable.Repeat(-Aftermath.Ticks, plan.Instances)];
        Lives = [.. Enumerable.Range(0, plan.Instances).Select(number => new InstanceLife(number, 1, plan.Users))];
    }

    public WorldPlan Plan { get; }

    public Programs Programs { get; }

    public CosmosEndpoint Endpoint { get; }

    public Population Users { get; }

    public Writers Writers { get; }

    public LagLog Lags { get; } = new();

    public Checker Checker { get; }

    public Judge Judge { get; }

    public Tally Tally { get; }

    public KnownTag?[] Tags { get; }

    public ServiceInstance[] Instances { get; }

    /// <summary>Each instance's present life.</summary>
    public InstanceLife[] Lives { get; }

    /// <summary>Ends those who ask.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public IReadOnlyCollection<Violation> Violations => _violations;

    /// <summary>What is going wrong on purpose, for the text of violations.</summary>
    public string FaultNow
    {
        get => Volatile.Read(ref _faultNow[0]);
        set => Volatile.Write(ref _faultNow[0], value);
    }

    public static async Task<World> StartAsync(WorldPlan plan, Programs programs, CancellationToken cancellationToken)
    {
        var endpoint = await CosmosEndpoint.StartAsync(programs.Endpoint, cancellationToken);
        var world = new World(plan, programs, endpoint);
        try
        {
            await world.Writers.WriteAllAsync(cancellationToken);
            await Task.WhenAll(world.Instances.Select(instance => instance.StartAsync(cancellationToken)));
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets those who write and those who ask begin.</summary>
    public void Begin()
    {
        _writing = Writers.RunAsync(Plan.WritesPerSecond, Stopping);
        const int Fast = 8, Slow = 4, FastDepth = 32, SlowShare = 40;
        var slow = Plan.Rate / SlowShare;
        for (var instance = 0; instance < Instances.Length; instance++)
        {
            for (var i = 0; i < Fast + Slow; i++)
            {
                var isDemanding = i >= Fast;
                var random = new Random(HashCode.Combine(Plan.Seed, instance, i));
                var (depth, rate, count) = isDemanding ? (1, slow, Slow) : (FastDepth, Plan.Rate - slow, Fast);
                var interval = TimeSpan.FromSeconds((double)depth * count * Instances.Length / rate);
                _connections.Add(new LoadConnection(this, instance, new RequestMix(this, random, isDemanding), depth, interval));
            }
        }

        _connections.ForEach(connection => connection.Start());
    }

    /// <summary>Ends those who write and those who ask; what is under way is let go.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _writing;
        foreach (var connection in _connections)
            connection.Join(TimeSpan.FromSeconds(5));
    }

    /// <summary>How many there were; the first ones are kept.</summary>
    public long ViolationCount => Interlocked.Read(ref _violationCount);

    /// <summary>Responses of this world and of those that ran beside it.</summary>
    public long Responses => Tally.Total + Interlocked.Read(ref _adoptedResponses);

    /// <summary>Begins a request to clear an instance, if such requests are allowed now; <see cref="EndClear"/> ends it.</summary>
    public bool TryBeginClear()
    {
        // Counted first: who forbids them sees either this one or that it was refused.
        Interlocked.Increment(ref _clears);
        if (_mayClear)
            return true;

        EndClear();
        return false;
    }

    public void EndClear() => Interlocked.Decrement(ref _clears);

    public void AllowClears() => _mayClear = true;

    /// <summary>Allows no more requests to clear an instance, and waits for those under way.</summary>
    public async Task StopClearsAsync(CancellationToken cancellationToken)
    {
        _mayClear = false;
        Interlocked.MemoryBarrier();
        while (Volatile.Read(ref _clears) > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
    }

    public void Report(Violation violation)
    {
        if (Interlocked.Increment(ref _violationCount) <= KeptViolations)
            _violations.Add(violation with { Text = FormattableString.Invariant($"at {SoakClock.Now / (double)TimeSpan.TicksPerSecond:0.000} s, [{FaultNow}]: {violation.Text}") });
    }

    /// <summary>Takes over what another world has seen.</summary>
    public void Adopt(World other)
    {
        Interlocked.Add(ref _adoptedResponses, other.Tally.Total);
        foreach (var violation in other.Violations)
            Report(violation);
    }

    /// <summary>From now on, until the result is disposed and a while longer, failures of the store are explained.</summary>
    public IDisposable TroubleStore()
    {
        int index;
        lock (_gate)
        {
            _storeTroubles.Add((SoakClock.Now, long.MaxValue));
            index = _storeTroubles.Count - 1;
        }

        return new Ending(() =>
        {
            lock (_gate)
                _storeTroubles[index] = (_storeTroubles[index].From, SoakClock.Now + Aftermath.Ticks);
        });
    }

    public void Count(int instance, Outcome outcome, long began, long ended)
    {
        Tally.Count(outcome, ended);
        if (outcome.IsSlowness())
            Volatile.Write(ref _lastSlowness[instance], ended);
        if (outcome.IsStoreFailure() && !outcome.IsSlowness() && !IsExplained(instance, began, ended))
            Report(new Violation("unexplained 503", $"Instance {instance} answered {outcome}, and nothing was wrong with the store."));
    }

    public void CountLost(int instance, long began, long now, int received)
    {
        Tally.Count(Outcome.ConnectionLost, now);
        if (Instances[instance].DisturbedWithin(began, now) == 0)
            Report(new Violation("connection lost", FormattableString.Invariant($"Instance {instance} cut a connection {(now - began) / TimeSpan.TicksPerMillisecond} ms after the requests were sent, {received} of which it had answered.")));
    }

    public void NoteRefused(int instance, long now)
    {
        if (Instances[instance].DisturbedWithin(now - TimeSpan.TicksPerSecond, now) == 0)
            Report(new Violation("connection refused", $"Instance {instance} cannot be connected to."));
    }

    /// <summary>Whether a response takes longer than all deadlines allow; reports it.</summary>
    public bool IsHung(int instance, long since)
    {
        var now = SoakClock.Now;
        if (now - since - Instances[instance].DisturbedWithin(since, now) < Patience.Ticks)
            return false;
        Report(new Violation("hung", $"Instance {instance} has not answered for {Patience.TotalSeconds} s."));
        return true;
    }

    /// <summary>Starts an instance again, as a new life.</summary>
    public async Task RestartAsync(int instance, CancellationToken cancellationToken)
    {
        Lives[instance] = new InstanceLife(instance, Lives[instance].Number + 1, Plan.Users);
        await Instances[instance].StartAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var instance in Instances)
        {
            await instance.KillAsync();
            instance.Dispose();
        }

        await Endpoint.DisposeAsync();
        _stopping.Dispose();
    }

    private bool IsExplained(int instance, long began, long ended)
    {
        lock (_gate)
        {
            if (_storeTroubles.Any(trouble => trouble.From <= ended && trouble.Until >= began))
                return true;
        }

        // A machine that is too slow makes reads time out, and after some of those the store is not asked for a while.
        return Instances[instance].DisturbedWithin(began, ended) > 0
            || ended - Volatile.Read(ref _lastSlowness[instance]) < Aftermath.Ticks;
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
