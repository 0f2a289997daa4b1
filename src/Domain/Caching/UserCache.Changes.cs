using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

// Changes of users. A change evicts the user, or updates it with the document that the change contains, and evicts hints.
public sealed partial class UserCache
{
    /// <summary>Applies a page of the feed that this instance follows.</summary>
    /// <remarks>
    /// <para>
    /// The entry of a user stays if it already reflects the change; otherwise, it is updated with the document on the page if it was requested
    /// since it was stored and cannot be newer than the document; otherwise, it is evicted. A page can contain several changes of a user, of
    /// which only the last one counts.
    /// </para>
    /// <para>
    /// It takes effect immediately and cannot fail. Results of reads that began before this call are not stored. If the position of a change is
    /// known, no request that begins after this call gets a version below it.
    /// </para>
    /// </remarks>
    public void Apply(in FeedPage page, in PollStamp poll)
    {
        // If a change of the page could not be parsed, it may be a later one of the same user. The epoch ends after this page.
        var mayUpdate = page.Unreadable == 0;
        var isLast = LastOfEachUser(page.Changes);
        OnApplying(isLast);
        for (var i = 0; i < page.Changes.Count; i++)
        {
            var change = page.Changes[i];
            var outcome = EvictionOutcome.NotCached;
            if (isLast is null || isLast[i])
            {
                var held = _memory.Find(change.Key.CacheKey);
                if (!change.Position.IsKnown)
                    _flights.Close(change.Key, change.Lsn);
                outcome = _flights.Evict(change.Key.CacheKey, change.Position, mayUpdate ? Update(change, held, poll) : null);
                Count(outcome, EvictionSource.Follower);
                NoteEvicted(change.Key.CacheKey, held, outcome, poll);
            }

            var evictsHints = true;
            OnEvictingHints(outcome, ref evictsHints);
            if (!evictsHints)
                continue;

            foreach (var alternate in change.AlternateKeys)
            {
                var hint = _memory.Find(alternate.CacheKey);
                NoteEvicted(alternate.CacheKey, hint, _flights.Evict(alternate.CacheKey, change.Position), poll);
            }
        }
    }

    /// <summary>Evicts the entries that a change has made stale: the user, and the hints for the alternate keys that it has after the change.</summary>
    /// <remarks>
    /// The hint for a key that the user no longer has stays. It is detected when the hint is used: see <see cref="FindAsync(AlternateKey, ReadDirectives, CancellationToken)"/>.
    /// The eviction takes effect immediately and cannot fail. Results of reads that began before it are not stored. If the position of the
    /// change is known, no request that begins after this call gets a version below it. A trigger does not know it: its changes have an LSN, but
    /// not the partition to which that belongs.
    /// </remarks>
    public void Evict(in UserChange change, EvictionSource source)
    {
        if (!change.Position.IsKnown)
            _flights.Close(change.Key, change.Lsn);
        Count(_flights.Evict(change.Key.CacheKey, change.Position), source);
        if (source == EvictionSource.Administrator)
            _tier?.Delete(change.Key);
        foreach (var alternate in change.AlternateKeys)
            _flights.Evict(alternate.CacheKey, change.Position);
    }

    /// <summary>Records that the feed evicted an entry, if that would still be fresh without the feed.</summary>
    private void NoteEvicted(string cacheKey, StampedEntry? held, EvictionOutcome outcome, in PollStamp poll)
    {
        if (outcome == EvictionOutcome.Removed && held is not null && held.IsFreshWithoutFeed(_clock.Now, _maxStaleness, out var until))
            _earlyEvictions.Add(cacheKey, until, poll.Account);
    }

    /// <summary>
    /// Creates the entry that can take the place of a user that is in use, or returns <see langword="null"/> if the user must be evicted.
    /// </summary>
    private UserDocument? Update(in UserChange change, StampedEntry? held, in PollStamp poll)
    {
        var position = change.Position;
        if (!position.IsKnown || change.Document is null || held is not { IsUsed: true })
            return null;

        if (poll.ArmedFor(change.Key.PartitionKey) is not { } epoch || change.Document() is not { } document)
            return null;

        var now = _clock.Now;
        var updated = document.Stamped(change.Lsn, EntryStamp.ForFeed(poll.SentAt, now, epoch, position));
        updated.ContinueCount(held);
        return updated.HasEnded(now) ? null : updated;
    }

    // Hooks for the mutants of the simulation (tests/Simulation.Mutants).
    partial void OnApplying(bool[]? isLast);

    partial void OnEvictingHints(EvictionOutcome outcome, ref bool evicts);

    private void Count(EvictionOutcome outcome, EvictionSource source)
    {
        switch (outcome)
        {
            case EvictionOutcome.Removed:
                _counters.AddEviction(source);
                break;
            case EvictionOutcome.Kept:
                _counters.Kept.Increment();
                break;
            case EvictionOutcome.Updated:
                _counters.Updated.Increment();
                break;
        }
    }

    /// <summary>Marks the last change of each user, or returns <see langword="null"/> if there is at most one change.</summary>
    private static bool[]? LastOfEachUser(IReadOnlyList<UserChange> changes)
    {
        if (changes.Count < 2)
            return null;

        var isLast = new bool[changes.Count];
        var seen = new HashSet<UserKey>(changes.Count);
        for (var i = changes.Count - 1; i >= 0; i--)
            isLast[i] = seen.Add(changes[i].Key);
        return isLast;
    }
}
