using System.Collections.Concurrent;
using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;
using Lookup.Soak.Load;

namespace Lookup.Soak;

/// <summary>An endpoint, instances of the service, writers and clients, and all records of them.</summary>
internal sealed class World : IAsyncDisposable
{
    /// <summary>The longest time that a request may take while nothing is stopped: the sum of its deadlines, plus slack.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The time after a store fault during which store failures are still expected: clients delay their retries.
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
        Instances = [.. Enumerable.Range(0, plan.Instances).Select(number => new ServiceInstance(programs.Service, number, Fleet.ServiceSettings.Of(this, number), plan.Machine))];
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

    /// <summary>Gets the current life of each instance.</summary>
    public InstanceLife[] Lives { get; }

    /// <summary>Gets the token that stops the clients.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public IReadOnlyCollection<Violation> Violations => _violations;

    /// <summary>Gets the names of the current faults, for the text of violations.</summary>
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

    /// <summary>Starts the writers and the clients.</summary>
    public void Begin()
    {
        Writers.WritesPerSecond = Plan.WritesPerSecond;
        _writing = Writers.RunAsync(Stopping);
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

    /// <summary>Stops the writers and the clients, and abandons requests that are in flight.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _writing;
        foreach (var connection in _connections)
            connection.Join(TimeSpan.FromSeconds(5));
    }

    /// <summary>Gets the number of violations. Only the first ones are kept.</summary>
    public long ViolationCount => Interlocked.Read(ref _violationCount);

    /// <summary>Gets the number of responses of this world and of the worlds that ran beside it.</summary>
    public long Responses => Tally.Total + Interlocked.Read(ref _adoptedResponses);

    /// <summary>Begins a request to clear an instance, if such requests are allowed now; <see cref="EndClear"/> ends it.</summary>
    public bool TryBeginClear()
    {
        // Incremented before the flag is read: StopClearsAsync either sees this request in the count, or this request is rejected.
        Interlocked.Increment(ref _clears);
        if (_mayClear)
            return true;

        EndClear();
        return false;
    }

    public void EndClear() => Interlocked.Decrement(ref _clears);

    public void AllowClears() => _mayClear = true;

    /// <summary>Prevents further requests to clear an instance, and waits for those in flight.</summary>
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

    /// <summary>Adds the results of another world.</summary>
    public void Adopt(World other)
    {
        Interlocked.Add(ref _adoptedResponses, other.Tally.Total);
        foreach (var violation in other.Violations)
            Report(violation);
    }

    /// <summary>Starts a period in which store failures are expected. It ends a while after the result is disposed.</summary>
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
            Report(new Violation("unexplained 503", $"Instance {instance} returned {outcome}, although the store was healthy."));
    }

    public void CountLost(int instance, long began, long now, int received)
    {
        Tally.Count(Outcome.ConnectionLost, now);
        if (Instances[instance].DisturbedWithin(began, now) == 0)
            Report(new Violation("connection lost", FormattableString.Invariant($"Instance {instance} cut a connection {(now - began) / TimeSpan.TicksPerMillisecond} ms after the requests were sent, after {received} responses.")));
    }

    public void NoteRefused(int instance, long now)
    {
        if (Instances[instance].DisturbedWithin(now - TimeSpan.TicksPerSecond, now) == 0)
            Report(new Violation("connection refused", $"Instance {instance} does not accept connections."));
    }

    /// <summary>Determines whether a response takes longer than all deadlines allow, and if so, reports it.</summary>
    public bool IsHung(int instance, long since)
    {
        var now = SoakClock.Now;
        if (now - since - Instances[instance].DisturbedWithin(since, now) < Patience.Ticks)
            return false;
        Report(new Violation("hung", $"Instance {instance} has not responded for {Patience.TotalSeconds} s."));
        return true;
    }

    /// <summary>Restarts an instance, as a new life.</summary>
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

        // On a machine that is too slow, reads time out, and after several timeouts the circuit rejects reads for a while.
        return Instances[instance].DisturbedWithin(began, ended) > 0
            || ended - Volatile.Read(ref _lastSlowness[instance]) < Aftermath.Ticks;
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
