using System.Globalization;
using System.Security.Cryptography;
using Lookup.Benchmarks.Shared;
using Lookup.Emulator;
using Lookup.Support;

namespace Lookup.Benchmarks.WarmStart;

/// <summary>The store, the tier and the instances of one variant, with their lookups and changes.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private static readonly TimeProvider Time = TimeProvider.System;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Variant _variant;
    private readonly Plan _plan;
    private readonly CosmosEmulator _endpoint;
    private readonly UserWriter _users;
    private readonly CacheServer? _redis;
    private readonly Dictionary<string, string?> _settings;
    private readonly List<MeasuredInstance> _instances = [];
    private readonly Random _random = new(1);
    private readonly Zipf _zipf = new(Plan.Users, Plan.Exponent);

    private Fleet(Variant variant, Plan plan, CosmosEmulator endpoint, CacheServer? redis)
    {
        (_variant, _plan, _endpoint, _redis) = (variant, plan, endpoint, redis);
        _users = new UserWriter(endpoint.ConnectionString);
        _settings = new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["CosmosConnection"] = endpoint.ConnectionString,
            ["Lookup__ConnectionMode"] = "Gateway",
            ["Lookup__FeedMode"] = plan.FeedMode,
            ["Lookup__CacheSizeBytes"] = "67108864",
            ["Lookup__ReadDeadline"] = "00:00:30", // a busy machine delays reads, but changes none of the counts
            ["Logging__LogLevel__Default"] = "Error",
        };
        if (redis is null)
            return;
        _settings["Lookup__SharedTier"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{redis.Port}");
        _settings["Lookup__SharedTierKey__0"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    }

    public static async Task<Fleet> StartAsync(Variant variant, Plan plan, CancellationToken cancellationToken)
    {
        Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");
        var redis = variant.HasTier ? CacheServer.Redis() : null;
        if (redis is not null)
            await redis.StartAsync();
        var endpoint = await CosmosEmulator.StartAsync(new CosmosEmulatorOptions { Ranges = Plan.Ranges }, cancellationToken);
        var fleet = new Fleet(variant, plan, endpoint, redis);
        try
        {
            await fleet._users.PopulateAsync(Plan.Users, cancellationToken);
            for (var i = 0; i < Plan.WarmInstances; i++)
                fleet._instances.Add(await MeasuredInstance.StartAsync(fleet._settings, loadsSnapshots: true, cancellationToken));
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Warms up, starts one more instance, and measures it.</summary>
    public async Task<StartResult> RunAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await ReadAllAsync(cancellationToken);
        var changes = ChangeAsync(ended.Token);
        await LookUpAsync(_plan.WarmUp, null, cancellationToken);
        if (_variant.HasTier && _instances.Sum(instance => instance.SnapshotsWritten) == 0)
            throw new InvalidOperationException("No instance has written a snapshot during the warm-up.");

        var startedAt = Time.GetTimestamp();
        var last = await MeasuredInstance.StartAsync(_settings, _variant.HasSnapshots, cancellationToken);
        _instances.Add(last);
        var lookedUp = new HashSet<int>();
        var armed = UntilArmedAsync(last, startedAt, ended.Token);
        var samples = SampleAsync(last, startedAt, ended.Token);
        await LookUpAsync(_plan.Time, lookedUp, cancellationToken);
        ended.Cancel();
        await changes;
        return new StartResult(_variant, await samples, await armed, lookedUp.Count);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
            await instance.DisposeAsync();
        _users.Dispose();
        await _endpoint.DisposeAsync();
        _redis?.Dispose();
    }

    /// <summary>Reads each user once, as the instances would have done after some hours.</summary>
    private Task ReadAllAsync(CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, Plan.Users),
        cancellationToken,
        async (i, token) => await _instances[i % _instances.Count].LookUpAsync(UserWriter.IdOf(i), token));

    /// <summary>Looks up users at random moments, each at a random instance.</summary>
    private async Task LookUpAsync(TimeSpan time, HashSet<int>? lookedUpLast, CancellationToken cancellationToken)
    {
        var startedAt = Time.GetTimestamp();
        var next = Interval(_plan.LookupsPerSecond);
        var lookups = new List<Task>();
        while (next < time)
        {
            if (next - Time.GetElapsedTime(startedAt) is var left && left > TimeSpan.FromMilliseconds(1))
                await Task.Delay(left, Time, cancellationToken);
            var (user, instance) = (_zipf.RankAt(_random.NextDouble()), _random.Next(_instances.Count));
            if (instance == Plan.WarmInstances)
                lookedUpLast?.Add(user);
            lookups.Add(_instances[instance].LookUpAsync(UserWriter.IdOf(user), cancellationToken));
            next += Interval(_plan.LookupsPerSecond);
        }

        await Task.WhenAll(lookups);
    }

    private async Task ChangeAsync(CancellationToken ended)
    {
        var random = new Random(2);
        try
        {
            while (_plan.ChangesPerSecond > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(1.0 / _plan.ChangesPerSecond), Time, ended);
                await _users.WriteAsync(random.Next(Plan.Users), ended);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The measurement has ended.
        }
    }

    private static async Task<TimeSpan?> UntilArmedAsync(MeasuredInstance instance, long startedAt, CancellationToken ended)
    {
        while (!instance.IsArmed)
        {
            if (ended.IsCancellationRequested)
                return null;
            await Task.Delay(Pause, Time, CancellationToken.None);
        }

        return Time.GetElapsedTime(startedAt);
    }

    private async Task<IReadOnlyList<Sample>> SampleAsync(MeasuredInstance instance, long startedAt, CancellationToken ended)
    {
        var samples = new List<Sample> { instance.SampleAt(TimeSpan.Zero) };
        while (!ended.IsCancellationRequested)
        {
            var left = TimeSpan.FromSeconds(samples.Count) - Time.GetElapsedTime(startedAt);
            if (left > TimeSpan.Zero)
                await Task.Delay(left, Time, CancellationToken.None);
            var sample = instance.SampleAt(Time.GetElapsedTime(startedAt));
            samples.Add(sample);
            if (samples.Count % 10 == 1)
                Console.Error.WriteLine($"{_variant.Name}: after {sample.At.TotalSeconds:0} s {sample.Lookups} lookups, {sample.Reads} reads of the store, {sample.Accepted} from the tier.");
        }

        return samples;
    }

    private TimeSpan Interval(double perSecond) => TimeSpan.FromSeconds(-Math.Log(1 - _random.NextDouble()) / perSecond);
}
