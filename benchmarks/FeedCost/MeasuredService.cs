using System.Globalization;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Users;
using Lookup.Functions.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Lookup.Benchmarks.FeedCost;

/// <summary>A complete service in this process, and what its lookups got.</summary>
internal sealed class MeasuredService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly UserCache _cache;
    private readonly ChangeFeedFollower _follower;
    private readonly Lock _gate = new();
    private readonly List<double> _ages = [];
    private int _waited;
    private (double Polls, double Reads) _begun;

    private MeasuredService(WebApplication app)
    {
        _app = app;
        _cache = app.Services.GetRequiredService<UserCache>();
        _follower = app.Services.GetRequiredService<ChangeFeedFollower>();
    }

    public PolicyResult Result
    {
        get
        {
            lock (_gate)
            {
                double[] ages = [.. _ages.Order()];
                return new PolicyResult(
                    Polls - _begun.Polls,
                    _cache.GetStatistics().RequestCharge - _begun.Reads,
                    ages.Length == 0 ? 0 : ages.Average(),
                    ages.Length == 0 ? 0 : ages[(int)(0.99 * (ages.Length - 1))],
                    ages.Length == 0 ? 0 : (double)_waited / ages.Length);
            }
        }
    }

    private double Polls => _follower.Ranges.Sum(range => range.PollCharge);

    public static async Task<MeasuredService> StartAsync(string connection, string polling, double allowance, CancellationToken cancellationToken)
    {
        var app = LookupHost.Create([], new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["CosmosConnection"] = connection,
            ["Lookup__ConnectionMode"] = "Gateway",
            ["Lookup__MaxStaleness"] = Plan.MaxStaleness.ToString("c", CultureInfo.InvariantCulture),
            ["Lookup__PollInterval"] = Plan.PollInterval.ToString("c", CultureInfo.InvariantCulture),
            ["Lookup__FeedPolling"] = polling,
            ["Lookup__FeedAllowance"] = allowance.ToString(CultureInfo.InvariantCulture),
            ["Lookup__CacheSizeBytes"] = "67108864",
            ["Logging__LogLevel__Default"] = "Error",
        });
        await app.StartAsync(cancellationToken);
        return new MeasuredService(app);
    }

    public void Begin()
    {
        lock (_gate)
        {
            _ages.Clear();
            _waited = 0;
            _begun = (Polls, _cache.GetStatistics().RequestCharge);
        }
    }

    public async Task LookUpAsync(string id, CancellationToken cancellationToken)
    {
        var lookup = _cache.GetAsync(UserKey.Create(id), default, cancellationToken);
        var isImmediate = lookup.IsCompletedSuccessfully;
        var result = await lookup;
        lock (_gate)
        {
            _ages.Add(result.Age.TotalSeconds);
            if (!isImmediate && result.Source == LookupSource.Hit)
                _waited++;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
