using Lookup.Simulation.Engine;

namespace Lookup.Simulation.World;

/// <summary>The faults that are currently active.</summary>
internal sealed class Faults(Scheduler scheduler)
{
    public Scheduler Scheduler => scheduler;

    /// <summary>Gets or sets a value that indicates whether faults occur. After they end, every instance must recover.</summary>
    public bool AreOn { get; set; } = true;

    private long _feedDownUntil;
    private long _partDownUntil;
    private int _userOfPart;

    /// <summary>Gets a value that indicates whether the whole change feed is down.</summary>
    public bool IsFeedDown => scheduler.Now < _feedDownUntil;

    /// <summary>Determines whether the change feed of one physical range is down while the others respond.</summary>
    public bool IsFeedDownIn(PhysicalRange range) => scheduler.Now < _partDownUntil && range.Holds(_userOfPart);

    public void StopFeed(long duration) => _feedDownUntil = Math.Max(_feedDownUntil, scheduler.Now + duration);

    /// <summary>Stops the feed of the range that contains a user, and of the child that contains the user after a split.</summary>
    public void StopFeedOf(int user, long duration) => (_userOfPart, _partDownUntil) = (user, scheduler.Now + duration);
}
