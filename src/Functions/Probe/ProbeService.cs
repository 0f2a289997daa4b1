using Lookup.Domain.Users;

namespace Lookup.Functions.Probe;

/// <summary>
/// The background service that continuously compares cached users with the store, at the rate that
/// <c>Lookup__ProbeRequestUnitsPerSecond</c> allows. It samples the users that requests look up, so it is idle while there are no
/// lookups.
/// </summary>
internal sealed class ProbeService(LookupSampler sampler, ConsistencyProbe probe, ProbeOptions options, TimeProvider time) : BackgroundService
{
    /// <summary>The number of recent samples to choose from, so that users that were looked up some time ago are also compared.</summary>
    private const int Remembered = 128;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly List<UserKey> _remembered = new(Remembered);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var key = Exchange(await sampler.NextAsync(stoppingToken));
                var charge = await probe.SampleAsync(key, stoppingToken);
                await Task.Delay(PauseAfter(charge), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is stopping.
        }
    }

    private TimeSpan PauseAfter(double charge)
    {
        var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, charge / options.RequestUnitsPerSecond));
        return pause > ShortestPause ? pause : ShortestPause;
    }

    /// <summary>Stores a user among the recent samples, and returns a random one of them.</summary>
    private UserKey Exchange(UserKey key)
    {
        if (_remembered.Count < Remembered)
            _remembered.Add(key);
        else
            _remembered[Random.Shared.Next(Remembered)] = key;
        return _remembered[Random.Shared.Next(_remembered.Count)];
    }
}
