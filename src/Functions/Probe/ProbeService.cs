using Lookup.Domain.Users;

namespace Lookup.Functions.Probe;

/// <summary>
/// Compares users in memory with the store, again and again, as often as <c>Lookup__ProbeRequestUnitsPerSecond</c> allows. It samples
/// whom others look up, so it does more where there is more to be wrong, and sleeps while nobody asks.
/// </summary>
internal sealed class ProbeService(LookupSampler served, ConsistencyProbe probe, ProbeOptions options, TimeProvider time) : BackgroundService
{
    /// <summary>Users looked up some time ago are probed as well as those of this moment.</summary>
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
                var key = Exchange(await served.NextAsync(stoppingToken));
                var charge = await probe.SampleAsync(key, stoppingToken);
                await Task.Delay(PauseAfter(charge), time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private TimeSpan PauseAfter(double charge)
    {
        var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, charge / options.RequestUnitsPerSecond));
        return pause > ShortestPause ? pause : ShortestPause;
    }

    /// <summary>Remembers a user, and picks one of those remembered.</summary>
    private UserKey Exchange(UserKey key)
    {
        if (_remembered.Count < Remembered)
            _remembered.Add(key);
        else
            _remembered[Random.Shared.Next(Remembered)] = key;
        return _remembered[Random.Shared.Next(_remembered.Count)];
    }
}
