namespace Lookup.Domain.Feed;

/// <summary>How the change feed is followed. Check with <see cref="Validate"/>.</summary>
public sealed record FollowerOptions
{
    /// <summary>How long after a poll of a feed range the next one is sent.</summary>
    /// <value>The default is 1 second; 10 milliseconds to 1 hour.</value>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Polling stops when nothing was looked up for this long; the next lookup that needs it starts it again.</summary>
    /// <value>The default is 30 seconds; at least <see cref="PollInterval"/>, at most 1 day.</value>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one poll may take before it is given up and sent again.</summary>
    /// <value>The default is 2 seconds; 10 milliseconds to 1 minute.</value>
    public TimeSpan PollDeadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Throws where a value is out of its range, with a sentence that names it, the value and what is allowed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    public void Validate()
    {
        OptionRange.Check(nameof(PollInterval), PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        OptionRange.Check(nameof(IdleAfter), IdleAfter, PollInterval, TimeSpan.FromDays(1));
        OptionRange.Check(nameof(PollDeadline), PollDeadline, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
    }
}
