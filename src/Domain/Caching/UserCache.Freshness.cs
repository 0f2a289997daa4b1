using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

// When an entry may be served: the one rule, and what a caller's directives make of it.
public sealed partial class UserCache
{
    /// <summary>
    /// How much longer an entry is fresh, in ticks; negative by how much it is stale. Two bounds: what the feed or the entry's own
    /// read confirms, and, for a user where the feed shows no deletes, its own read alone.
    /// </summary>
    private long TimeToLive(StampedEntry entry, long now)
    {
        var left = _maxStaleness - (now - entry.FreshAsOf);
        return entry.Document is null || _maxUnseenDelete == long.MaxValue
            ? left
            : Math.Min(left, _maxUnseenDelete - (now - entry.ReadStartedAt));
    }

    /// <summary>Whether an entry may be served to a caller as things stand, with no read; and how much longer it is fresh.</summary>
    private bool Permits(StampedEntry entry, long now, in ReadDirectives directives, out long left)
    {
        left = TimeToLive(entry, now);
        if (directives.NoCache)
            return false;
        if (directives.MaxAge is { } maxAge && now - entry.FreshAsOf > maxAge.Ticks)
            return false;

        return left >= 0 || (directives.MaxStale is { } maxStale && IsStaleByAtMost(maxStale, left));
    }

    /// <summary>Whether an entry may be served to a caller because the store cannot answer.</summary>
    private bool PermitsInsteadOfError(StampedEntry entry, long now, in ReadDirectives directives)
    {
        var left = TimeToLive(entry, now);
        var allowed = directives.StaleIfError ?? _options.StaleIfError;
        return allowed > TimeSpan.Zero && IsStaleByAtMost(allowed, left);
    }

    /// <summary>
    /// Whether it is worth asking the feed about an entry that may not be served: a poll must be able to confirm it, and what
    /// stands against it must not be the age of its own read.
    /// </summary>
    private bool CanBeConfirmed(StampedEntry entry, long now, in ReadDirectives directives) =>
        !directives.NoCache
        && directives.MaxAge is null or { Ticks: > 0 }
        && entry.IsFollowed
        && (entry.Document is null || now - entry.ReadStartedAt <= _maxUnseenDelete);

    /// <summary>The earliest sending time that a read must have for its answer to satisfy a request that began now.</summary>
    private long EarliestRead(long now, in ReadDirectives directives)
    {
        var earliest = directives.NoCache ? now : now - Math.Min(_maxStaleness, directives.MaxAge?.Ticks ?? _maxStaleness);
        OnJoining(ref earliest);
        return earliest;
    }

    // A hook for the known-bad variants of the simulation (tests/Simulation.Mutants).
    partial void OnJoining(ref long earliest);

    private LookupResult Describe(StampedEntry entry, long now, LookupSource source) =>
        Describe(entry, now, TimeToLive(entry, now), source);

    private static LookupResult Describe(StampedEntry entry, long now, long left, LookupSource source) => new()
    {
        Status = entry is UserDocument || !entry.IsNegative ? LookupStatus.Found : LookupStatus.NotFound,
        Document = entry.Document,
        Source = source,
        Age = TimeSpan.FromTicks(Math.Max(0, now - entry.FreshAsOf)),
        TimeToLive = TimeSpan.FromTicks(left),
        IsStale = left < 0,
    };

    private static bool IsStaleByAtMost(TimeSpan allowed, long left) => left >= -allowed.Ticks;
}
