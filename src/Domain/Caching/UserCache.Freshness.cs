using System.Diagnostics.CodeAnalysis;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Freshness;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

// The rule that determines whether an entry may be served, and its modification by a request's directives.
public sealed partial class UserCache
{
    /// <summary>
    /// Returns the time for which an entry is still fresh, in ticks; if negative, the time by which it is stale. There are three bounds: the
    /// end of the item's time to live; on the time since the feed or the entry's own read confirmed it and, for a user if the feed contains no deletes, on the time since a read
    /// or the feed last showed it.
    /// </summary>
    private long TimeToLive(StampedEntry entry, long now)
    {
        var left = _maxStaleness - (now - entry.FreshAsOf);
        if (entry is not UserDocument user)
            return left;

        left = Math.Min(left, user.EndsAt - now);
        return _maxUnseenDelete == long.MaxValue ? left : Math.Min(left, _maxUnseenDelete - (now - user.ExistedAt));
    }

    /// <summary>Determines whether an entry may be served to a request now, without a read, and for how long it is still fresh.</summary>
    private bool Permits(StampedEntry entry, long now, in ReadDirectives directives, out long left)
    {
        left = TimeToLive(entry, now);
        if (directives.NoCache || !Reflects(entry, directives))
            return false;
        if (directives.MaxAge is { } maxAge && now - entry.FreshAsOf > maxAge.Ticks)
            return false;

        return left >= 0 || (directives.MaxStale is { } maxStale && IsStaleByAtMost(maxStale, left));
    }

    /// <summary>Determines whether an entry may be served to a request because the store failed.</summary>
    private bool PermitsInsteadOfError(StampedEntry entry, long now, in ReadDirectives directives)
    {
        var left = TimeToLive(entry, now);
        var allowed = directives.StaleIfError ?? _options.StaleIfError;
        return allowed > TimeSpan.Zero && IsStaleByAtMost(allowed, left) && Reflects(entry, directives);
    }

    /// <summary>
    /// Determines whether a poll of the feed can make an entry acceptable that may not be served now: it must be able to confirm the entry,
    /// and the entry must not be rejected because of the age of its own read, or because the user's time to live is over.
    /// </summary>
    private bool CanBeConfirmed(StampedEntry entry, long now, in ReadDirectives directives, [NotNullWhen(true)] out FeedEpoch? epoch)
    {
        epoch = entry.Epoch;
        return !directives.NoCache
            && directives.MaxAge is null or { Ticks: > 0 }
            && epoch is { IsArmed: true }
            && Reflects(entry, directives)
            && (entry.Document is null || now - entry.ExistedAt <= _maxUnseenDelete)
            && !entry.HasEnded(now);
    }

    /// <summary>
    /// Determines whether to poll the feed for an entry that a poll can make acceptable, instead of reading it. A request that can join a read
    /// in progress does so.
    /// </summary>
    private bool BuysPoll(in LookupTarget target, StampedEntry entry, FeedEpoch epoch, in ReadDirectives directives)
    {
        if (directives.OnlyIfCached)
            return _freshness.Buys(epoch, 0); // the request does not read in any case
        return !_flights.IsReading(target) && _freshness.Buys(epoch, PriceOf(entry));
    }

    /// <summary>Returns the expected price of reading an entry again, in request units.</summary>
    private double PriceOf(StampedEntry entry) => entry.Hint is null ? _counters.PointRead.Value : _counters.Query.Value;

    /// <summary>Returns the earliest time at which a read may have been sent for its result to satisfy a request that began now.</summary>
    private long EarliestRead(long now, in ReadDirectives directives)
    {
        var earliest = directives.NoCache ? now : now - Math.Min(_maxStaleness, directives.MaxAge?.Ticks ?? _maxStaleness);
        OnJoining(ref earliest);
        return earliest;
    }

    // A hook for the mutants of the simulation (tests/Simulation.Mutants).
    partial void OnJoining(ref long earliest);

    private LookupResult Describe(StampedEntry entry, long now, LookupSource source) =>
        Describe(entry, now, TimeToLive(entry, now), source);

    private static LookupResult Describe(StampedEntry entry, long now, long left, LookupSource source) => new()
    {
        Status = entry is UserDocument || !entry.IsNegative ? LookupStatus.Found : LookupStatus.NotFound,
        Document = entry.Document,
        Source = source,
        Age = TimeSpan.FromTicks(Math.Max(0, now - (entry.FreshAsOf is not FeedEpoch.Never and var at ? at : entry.ExistedAt))),
        TimeToLive = TimeSpan.FromTicks(left),
        IsStale = left < 0,
    };

    /// <summary>Determines whether an entry is proven to be not older than the session of the request, if it has one.</summary>
    private static bool Reflects(StampedEntry entry, in ReadDirectives directives) =>
        directives.Session is not { } session || session.IsReflectedBy(entry.AsOf);

    private static bool IsStaleByAtMost(TimeSpan allowed, long left) => left >= -allowed.Ticks;
}
