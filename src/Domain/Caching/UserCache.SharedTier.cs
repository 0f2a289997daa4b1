using Lookup.Domain.Caching.Flights;

namespace Lookup.Domain.Caching;

// Entries of the shared tier: which requests can use them, and their confirmation.
public sealed partial class UserCache
{
    /// <summary>
    /// Determines whether a request must not use the result of a flight: it has joined a read that was sent too early, or the entry is from the
    /// shared tier, and the request requires a read or the feed has not confirmed the entry late enough.
    /// </summary>
    private bool IsTooEarly(CompletedRead read, FlightWaiter waiter, long earliest, in ReadDirectives directives) => read.IsFromTier
        ? !MayComeFromTier(directives) || read.Entry.FreshAsOf < earliest || TimeToLive(read.Entry, _clock.Now) < 0
        : waiter.IsJoined && IsTooEarly(read.Entry, earliest);

    /// <summary>Determines whether the directives of a request permit an entry of the shared tier.</summary>
    private bool MayComeFromTier(in ReadDirectives directives) =>
        _tier is not null && !directives.NoCache && !directives.NoStore && directives.Session is null && directives.MaxAge is null or { Ticks: > 0 };

    /// <summary>Polls the feed for an entry that was accepted from the tier, if that is worth its price.</summary>
    /// <returns>The entry, if the poll has confirmed it.</returns>
    private async ValueTask<CompletedRead?> ConfirmAsync(
        LookupTarget target,
        CompletedRead read,
        ReadDirectives directives,
        CancellationToken cancellationToken)
    {
        if (!MayComeFromTier(directives)
            || !CanBeConfirmed(read.Entry, _clock.Now, directives, out var epoch)
            || !BuysPoll(target, read.Entry, epoch, directives))
        {
            return null;
        }

        await _freshness.CatchUpAsync(epoch, _options.CatchUpTimeout, cancellationToken);
        return _memory.Find(target.CacheKey) is { } entry && Permits(entry, _clock.Now, directives, out var left) && left >= 0
            ? new CompletedRead(entry, IsStored: true, IsRevalidated: false, TimeSpan.Zero) { IsFromTier = ReferenceEquals(entry, read.Entry) }
            : null;
    }
}
