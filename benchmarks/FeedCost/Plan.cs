namespace Lookup.Benchmarks.FeedCost;

/// <summary>The settings of the measurement.</summary>
/// <param name="WarmUp">The time before the measurement.</param>
/// <param name="Time">The time that is measured.</param>
/// <param name="Allowance">The allowance, in request units per second.</param>
/// <param name="IsQuick">A value that indicates whether only the fewest and the most lookups are measured.</param>
internal sealed record Plan(TimeSpan WarmUp, TimeSpan Time, double Allowance, bool IsQuick)
{
    /// <summary>The staleness bound of the services, and the time after which a user is read again without a feed.</summary>
    public static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(5);

    /// <summary>The interval of fixed polling.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private static readonly int[] Users = [1, 1000];
    private static readonly double[] Rates = [0.2, 1, 10, 100];

    public static IReadOnlyList<int> Ranges { get; } = [1, 5, 20];

    public IEnumerable<Cell> Cells =>
        from ranges in Ranges
        from users in Users
        from rate in Rates
        where !IsQuick || rate is 0.2 or 100
        select new Cell(ranges, rate, users);
}

/// <summary>One combination.</summary>
/// <param name="Ranges">The number of feed ranges.</param>
/// <param name="LookupsPerSecond">The rate of lookups.</param>
/// <param name="Users">The number of users that are looked up, by Zipf's law.</param>
internal sealed record Cell(int Ranges, double LookupsPerSecond, int Users);

/// <summary>The cost of one combination during the measurement, in request units.</summary>
internal sealed record CellResult(Cell Cell, PolicyResult Adaptive, PolicyResult Steady, double WithoutFeed, double LongTimeToLive)
{
    /// <summary>Determines whether the feed pays for itself, except for a poll of each range that was sent at the edge of the time.</summary>
    public bool IsWithinLimit(Plan plan) =>
        Adaptive.Cost <= (1.1 * WithoutFeed) + (plan.Allowance * (plan.Time.TotalSeconds + 5)) + Cell.Ranges;
}

/// <summary>The cost of one service and the ages of its results.</summary>
/// <param name="Polls">The request units of polls.</param>
/// <param name="Reads">The request units of reads.</param>
/// <param name="MeanAge">The mean age of results, in seconds.</param>
/// <param name="HighAge">The 99th percentile of the ages, in seconds.</param>
/// <param name="Waited">The share of lookups that waited for a poll.</param>
internal sealed record PolicyResult(double Polls, double Reads, double MeanAge, double HighAge, double Waited)
{
    public double Cost => Polls + Reads;
}
