using Lookup.Simulation.Engine;

namespace Lookup.Simulation.World;

/// <summary>Whether anything may go wrong now.</summary>
internal sealed class Faults(Scheduler scheduler)
{
    public Scheduler Scheduler => scheduler;

    /// <summary>Faults happen; from some time on they do not, and all must come right.</summary>
    public bool AreOn { get; set; } = true;

    private long _feedDownUntil;
    private long _partDownUntil;
    private int _userOfPart;

    /// <summary>The change feed is down as a whole.</summary>
    public bool IsFeedDown => scheduler.Now < _feedDownUntil;

    /// <summary>The change feed of one physical range is down, while the others answer.</summary>
    public bool IsFeedDownIn(PhysicalRange range) => scheduler.Now < _partDownUntil && range.Holds(_userOfPart);

    public void StopFeed(long duration) => _feedDownUntil = Math.Max(_feedDownUntil, scheduler.Now + duration);

    /// <summary>Stops the feed of the range that a user is in, and of the child that the user gets into if it splits.</summary>
    public void StopFeedOf(int user, long duration) => (_userOfPart, _partDownUntil) = (user, scheduler.Now + duration);
}
