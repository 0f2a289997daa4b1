using Lookup.Domain.Caching;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Simulation.Runs;

/// <summary>
/// The parts that an instance is built from. This class leaves them as they ship; the mutants in tests/Simulation.Mutants replace
/// some of them.
/// </summary>
internal class Variant
{
    /// <summary>Gets the protocol as it ships.</summary>
    public static Variant AsShipped { get; } = new();

    /// <summary>Gets the name of a mutant, or <see langword="null"/> for the protocol as it ships.</summary>
    public virtual string? Name => null;

    /// <summary>Gets a value that indicates whether a range that has split is read as one, as in the SDK.</summary>
    public virtual bool ReadsSplitRangesAsOne => false;

    public virtual TimeProvider Clocks(TimeProvider time) => time;

    public virtual UserCacheOptions Options(UserCacheOptions options) => options;

    public virtual FollowerOptions Following(FollowerOptions options) => options;

    public virtual MemoryBudget Budget(MemoryBudget budget) => budget;

    public virtual IUserStore Store(IUserStore store) => store;

    public virtual IChangeSink Sink(IChangeSink sink) => sink;

    public virtual (IChangeFeed Feed, IFollowerObserver Observer) Feed(IChangeFeed feed, IFollowerObserver observer, FreshnessTracker freshness) =>
        (feed, observer);

    /// <summary>Changes the protocol itself, which only variants that are compiled together with it can do.</summary>
    public virtual void Change(FreshnessTracker freshness, UserCache cache)
    {
    }
}
