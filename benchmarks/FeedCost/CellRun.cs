using Lookup.Benchmarks.Shared;

namespace Lookup.Benchmarks.FeedCost;

/// <summary>The lookups of one cell, which an adaptive and a steady service get at the same time.</summary>
internal sealed class CellRun : IAsyncDisposable
{
    private static readonly TimeProvider Time = TimeProvider.System;

    private readonly Cell _cell;
    private readonly MeasuredService _adaptive;
    private readonly MeasuredService _steady;
    private readonly Random _random = new(1);
    private readonly Zipf _zipf;
    private readonly TimeToLiveCache _withoutFeed = new(Plan.MaxStaleness);
    private readonly TimeToLiveCache _longTimeToLive = new(TimeSpan.FromMinutes(1));
    private readonly long _started = Time.GetTimestamp();
    private (int WithoutFeed, int LongTimeToLive) _begun;

    private CellRun(Cell cell, MeasuredService adaptive, MeasuredService steady)
    {
        (_cell, _adaptive, _steady) = (cell, adaptive, steady);
        _zipf = new Zipf(cell.Users, 0.9);
    }

    public CellResult Result => new(
        _cell, _adaptive.Result, _steady.Result, _withoutFeed.Reads - _begun.WithoutFeed, _longTimeToLive.Reads - _begun.LongTimeToLive);

    private TimeSpan Now => Time.GetElapsedTime(_started);

    public static async Task<CellRun> StartAsync(Cell cell, string connection, Plan plan, CancellationToken cancellationToken) => new(
        cell,
        await MeasuredService.StartAsync(connection, "Adaptive", plan.Allowance, cancellationToken),
        await MeasuredService.StartAsync(connection, "Steady", plan.Allowance, cancellationToken));

    /// <summary>Begins to measure.</summary>
    public void Begin()
    {
        _begun = (_withoutFeed.Reads, _longTimeToLive.Reads);
        _adaptive.Begin();
        _steady.Begin();
    }

    /// <summary>Looks up users at random moments.</summary>
    public async Task LookUpAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        var end = Now + time;
        var next = Now + Interval();
        var lookups = new List<Task>();
        while (next < end)
        {
            if (next - Now is var left && left > TimeSpan.Zero)
                await Task.Delay(left, Time, cancellationToken);
            var user = _zipf.RankAt(_random.NextDouble());
            var now = Now;
            _withoutFeed.LookUp(user, now);
            _longTimeToLive.LookUp(user, now);
            lookups.Add(_adaptive.LookUpAsync($"u{user}", cancellationToken));
            lookups.Add(_steady.LookUpAsync($"u{user}", cancellationToken));
            next += Interval();
        }

        if (end - Now is var rest && rest > TimeSpan.Zero)
            await Task.Delay(rest, Time, cancellationToken);
        await Task.WhenAll(lookups);
    }

    public async ValueTask DisposeAsync()
    {
        await _adaptive.DisposeAsync();
        await _steady.DisposeAsync();
    }

    private TimeSpan Interval() => TimeSpan.FromSeconds(-Math.Log(1 - _random.NextDouble()) / _cell.LookupsPerSecond);
}
