using Lookup.Domain.Caching.Flights;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Caching;

// Entries of the shared tier: which requests can use them, and their confirmation.
public sealed partial class UserCache
{
    /// <summary>
    /// Determines whether a request must not use the result of a flight: it has joined a read that was sent too early, or the entry is from the
    /// shared tier, and the request requires a read or the feed has not confirmed the entry late enough.
    /// </summary>
    private bool IsTooEarly(CompletedRead read, FlightWaiter waiter, long earliest, in ReadDirectives directives)
    {
        if (!read.IsFromTier)
            return waiter.IsJoined && IsTooEarly(read.Entry, earliest);

        var freshAsOf = read.FreshAsOf;
        OnLanded(read.Entry, ref freshAsOf);
        return !MayComeFromTier(directives) || freshAsOf < earliest || TimeToLive(read.Entry, _clock.Now) < 0;
    }

    /// <summary>Determines whether the directives of a request permit an entry of the shared tier.</summary>
    private bool MayComeFromTier(in ReadDirectives directives) =>
        _tier is not null && !directives.NoCache && !directives.NoStore && directives.Session is null && directives.MaxAge is null or { Ticks: > 0 };

    /// <summary>Polls the feed for an entry that was accepted from the tier, unless it is confirmed meanwhile, if that is worth its price.</summary>
    /// <returns>The cached entry, if it is confirmed.</returns>
    private async ValueTask<CompletedRead?> ConfirmAsync(
        LookupTarget target,
        CompletedRead read,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        if (!MayComeFromTier(directives))
            return null;
        if (FindConfirmed(target, read, directives) is { } confirmed)
            return confirmed;
        if (!CanBeConfirmed(read.Entry, _clock.Now, directives, out var epoch)
            || !BuysPoll(target, read.Entry, epoch, directives))
        {
            return null;
        }

        await _freshness.CatchUpAsync(epoch, _options.CatchUpTimeout, cancellationToken);
        return FindConfirmed(target, read, directives);
    }

    private CompletedRead? FindConfirmed(LookupTarget target, CompletedRead read, in ReadDirectives directives) =>
        _memory.Find(target.CacheKey) is { } entry && Permits(entry, _clock.Now, directives, out var left) && left >= 0
            ? new CompletedRead(entry, IsStored: true, IsRevalidated: false, TimeSpan.Zero) { IsFromTier = ReferenceEquals(entry, read.Entry) }
            : null;

    // A hook for the mutants of the simulation (tests/Simulation.Mutants).
    partial void OnLanded(StampedEntry entry, ref long freshAsOf);
}
