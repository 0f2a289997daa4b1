using Lookup.Contracts;
using Lookup.Domain.Caching;
using Lookup.Domain.Feed;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.Feed;

/// <summary>
/// Tests that the feed pays for itself: polls and reads together cost at most 1.1 times what the same lookups cost without the feed, plus the
/// allowance.
/// </summary>
public sealed class FeedCostTests
{
    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static TheoryData<int, double, int, double> Cells() => new(
        from ranges in new[] { 1, 5, 20 }
        from rate in new[] { 0.2, 1, 10, 100 }
        from users in new[] { 1, 1000 }
        from allowance in new[] { 0.0, 2 }
        select (ranges, rate, users, allowance));

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Polls_and_reads_cost_at_most_what_reads_cost_without_the_feed_plus_the_allowance(int ranges, double rate, int users, double allowance)
    {
        await using var instance = Create(ranges, allowance);
        var ids = Instance.Ids(users);
        foreach (var id in ids)
            await instance.WriteAsync(id, 1);
        instance.Follow();
        var traffic = new Traffic(instance, seed: 1);

        await traffic.LookUpAsync(ids, rate, Minute);
        var (begun, withoutFeed) = (traffic.Cost, traffic.CostWithoutFeed);
        await traffic.LookUpAsync(ids, rate, Minute);

        Assert.InRange(traffic.Cost, 0, traffic.Limit(allowance));
        if (rate >= 100 && users >= 1000)
            Assert.InRange(traffic.Cost - begun, 0, 0.35 * (traffic.CostWithoutFeed - withoutFeed));
    }

    public static TheoryData<int, double, int, double> SearchCells() => new(
        from ranges in new[] { 1, 5, 20 }
        from rate in new[] { 0.2, 2, 100 }
        from values in new[] { 1, 1000 }
        from allowance in new[] { 0.0, 2 }
        select (ranges, rate, values, allowance));

    [Theory]
    [MemberData(nameof(SearchCells))]
    public async Task Searches_cost_at_most_what_they_cost_without_the_feed_plus_the_allowance(int ranges, double rate, int values, double allowance)
    {
        await using var instance = Create(ranges, allowance);
        var ids = Instance.Ids(values);
        foreach (var id in ids.Where(id => instance.Database.RangeOf(id) == 0)) // the other ranges have no lookups of users
            await instance.WriteAsync(id, 1, Traffic.EmailOf(id));
        instance.Follow();
        var traffic = new Traffic(instance, seed: 1) { Searches = 1 };

        await traffic.LookUpAsync(ids, rate, Minute);
        var (begun, withoutFeed) = (traffic.Cost, traffic.CostWithoutFeed);
        await traffic.LookUpAsync(ids, rate, Minute);

        Assert.InRange(traffic.Cost, 0, traffic.Limit(allowance));
        if (rate >= 100 && values >= 1000)
            Assert.InRange(traffic.Cost - begun, 0, 0.35 * (traffic.CostWithoutFeed - withoutFeed));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Cost_stays_within_the_limit_whatever_is_looked_up_and_changes(int seed)
    {
        var random = new Random(seed);
        var allowance = random.Next(2) * random.NextDouble() * 3;
        await using var instance = Create(ranges: random.Next(1, 5), allowance, isPartitioned: random.Next(4) > 0);
        instance.Database.PageCharge = 1 + (random.Next(2) * random.NextDouble() * 5);
        string[][] groups = [Instance.Ids(1), Instance.Ids(20, from: 1), Instance.Ids(300, from: 21)];
        foreach (var id in groups.SelectMany(group => group))
            await instance.WriteAsync(id, 1, Traffic.EmailOf(id));
        instance.Follow();
        var traffic = new Traffic(instance, seed);

        for (var phase = 0; phase < 10; phase++)
        {
            traffic.ChangesPerSecond = random.Next(2) * Math.Pow(10, (random.NextDouble() * 4) - 2);
            traffic.Batches = random.Next(2) * 0.1;
            traffic.Searches = random.Next(2) * random.Next(2) * random.NextDouble();
            traffic.IsBursty = random.Next(2) == 0;
            traffic.FeedFails = random.Next(6) == 0;
            if (random.Next(4) == 0)
                instance.Freshness.EndEpoch();
            await traffic.LookUpAsync(groups[random.Next(groups.Length)], Math.Pow(10, (random.NextDouble() * 3) - 1), TimeSpan.FromSeconds(30));
            Assert.InRange(traffic.Cost, 0, traffic.Limit(allowance));
        }
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 100)];

    private static Instance Create(int ranges, double allowance, bool isPartitioned = true) => new(
        new UserCacheOptions { MaxStaleness = MaxStaleness, MaxUnseenDelete = null, CatchUpTimeout = TimeSpan.FromSeconds(1) },
        new FollowerOptions { Allowance = allowance },
        new FakeDatabase(ranges) { Partitions = isPartitioned });

    /// <summary>Lookups at random moments, some users more often than others, and what they would cost without the feed.</summary>
    private sealed class Traffic(Instance instance, int seed)
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<string, TimeSpan> _readAt = [];
        private TimeSpan _now;
        private int _version = 1;

        public double ChangesPerSecond { get; set; }

        /// <summary>Gets or sets the share of lookups that are of ten users.</summary>
        public double Batches { get; set; }

        /// <summary>Gets or sets the share of lookups that are by alternate key.</summary>
        public double Searches { get; set; }

        /// <summary>Gets or sets a value that indicates whether the lookups come in bursts, with pauses of several seconds.</summary>
        public bool IsBursty { get; set; }

        public bool FeedFails
        {
            set => instance.Database.BeforePoll = value ? _ => throw new InvalidOperationException("simulated") : null;
        }

        public double Cost => instance.Database.ReadCharge + instance.Database.PollCharge;

        /// <summary>Gets the cost without the feed: a user or hint is read again if it is requested after the staleness bound.</summary>
        public double CostWithoutFeed { get; private set; }

        /// <summary>Returns the maximum cost. The last poll of each range may cost more than was expected.</summary>
        public double Limit(double allowance) =>
            (1.1 * CostWithoutFeed) + (allowance * (_now.TotalSeconds + 5)) + (3 * instance.Database.PageCharge * instance.Follower.Ranges.Count);

        public async Task LookUpAsync(string[] ids, double rate, TimeSpan duration)
        {
            var end = _now + duration;
            var next = _now;
            var nextChange = _now;
            while (_now < end)
            {
                await instance.AdvanceAsync(Step);
                _now += Step;
                for (; ChangesPerSecond > 0 && nextChange <= _now; nextChange += Interval(ChangesPerSecond))
                    await ChangeAsync(Pick(ids));
                for (; next <= _now; next += Interval(rate))
                    await LookUpAsync(ids);
                if (IsBursty && _random.NextDouble() < 0.01)
                    next += TimeSpan.FromSeconds(8 * _random.NextDouble());
            }
        }

        public static string EmailOf(string id) => $"{id}@example.com";

        private Task ChangeAsync(string id) => instance.WriteAsync(id, ++_version, EmailOf(id));

        private async Task SearchAsync(string id)
        {
            CountWithoutFeed(EmailOf(id), FakeDatabase.QueryCharge);
            var find = instance.Cache.FindAsync(new AlternateKey("/email", EmailOf(id)), default, Instance.Token).AsTask();
            await instance.SettleAsync();
            foreach (var user in (await find).Users)
                CountWithoutFeed(id, 1);
        }

        private async Task LookUpAsync(string[] ids)
        {
            if (_random.NextDouble() < Searches)
            {
                await SearchAsync(Pick(ids));
                return;
            }

            string[] some = _random.NextDouble() < Batches ? [.. Enumerable.Range(0, 10).Select(_ => Pick(ids)).Distinct()] : [Pick(ids)];
            foreach (var id in some)
                CountWithoutFeed(id, 1);

            Task lookup = some.Length == 1 ? instance.GetAsync(some[0]).AsTask() : instance.GetManyAsync(some);
            await instance.SettleAsync();
            await lookup;
        }

        private void CountWithoutFeed(string key, double price)
        {
            if (_readAt.TryGetValue(key, out var last) && _now - last <= MaxStaleness)
                return;

            CostWithoutFeed += price;
            _readAt[key] = _now;
        }

        private string Pick(string[] ids) => ids[(int)(ids.Length * _random.NextDouble() * _random.NextDouble())];

        private TimeSpan Interval(double rate) => TimeSpan.FromSeconds(-Math.Log(1 - _random.NextDouble()) / rate);
    }
}
