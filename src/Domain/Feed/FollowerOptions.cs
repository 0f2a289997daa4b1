namespace Lookup.Domain.Feed;

/// <summary>Options for following the change feed. Call <see cref="Validate"/> to check them.</summary>
public sealed record FollowerOptions
{
    /// <summary>The maximum <see cref="Allowance"/>.</summary>
    public const double MaxAllowance = 1_000_000;

    /// <summary>Gets the minimum time between two polls of a feed range that no request waits for.</summary>
    /// <value>10 milliseconds to 1 hour. The default is 1 second.</value>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the time without lookups after which polling is paused. The next lookup that needs the feed resumes it.</summary>
    /// <value><see cref="PollInterval"/> to 1 day. The default is 30 seconds.</value>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the time after which a poll is canceled and sent again.</summary>
    /// <value>10 milliseconds to 1 minute. The default is 2 seconds.</value>
    public TimeSpan PollDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets a value that specifies when the feed ranges are polled.</summary>
    /// <value>The default is <see cref="FeedPolling.Adaptive"/>.</value>
    public FeedPolling Polling { get; init; }

    /// <summary>
    /// Gets the request units per second that polls of an instance may cost beyond what they save. They are spent on the ranges with the most
    /// lookups. Has no effect if <see cref="Polling"/> is <see cref="FeedPolling.Steady"/>.
    /// </summary>
    /// <value>0 to 1,000,000. The default is 2.</value>
    public double Allowance { get; init; } = 2;

    /// <summary>Throws an exception if a value is out of its range. The message contains its name, the value and the range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        OptionRange.Check(nameof(PollInterval), PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        OptionRange.Check(nameof(IdleAfter), IdleAfter, PollInterval, TimeSpan.FromDays(1));
        OptionRange.Check(nameof(Polling), (int)Polling, 0, (int)FeedPolling.Steady);
        OptionRange.Check(nameof(Allowance), Allowance, 0, MaxAllowance);
        OptionRange.Check(nameof(PollDeadline), PollDeadline, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
    }
}
