using Lookup.Domain.Changes;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

/// <summary>One read under way, and those who wait for it.</summary>
internal sealed class Flight(LookupTarget target, CacheEntry? held, long floor)
{
    private readonly TaskCompletionSource<Landing> _landing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LookupTarget Target { get; } = target;

    /// <summary>What memory held when the flight began: sent along as If-None-Match, and never to be followed by an older version.</summary>
    public CacheEntry? Held { get; } = held;

    /// <summary>
    /// The log sequence number below which an answer cannot be right. Taken when the flight began: an eviction that raises the
    /// key's floor later detaches the flight, so it stays the right one for all who wait.
    /// </summary>
    public long Floor { get; } = Math.Max(floor, held?.Document?.Lsn ?? 0);

    /// <summary>The key was evicted a short while ago: only an answer that says how far its replica was can be trusted.</summary>
    public bool IsFenced { get; } = floor > 0;

    /// <summary>Its result will be stored, and others may join. Guarded by the stripe's lock.</summary>
    public bool IsAttached { get; set; }

    /// <summary>How many requests wait. Guarded by the stripe's lock.</summary>
    public int Waiters { get; set; } = 1;

    /// <summary>The group the flight is read with; set before anybody can leave.</summary>
    public FlightGroup? Group { get; set; }

    /// <summary>When the read was sent whose answer counts.</summary>
    public long SentAt { get; private set; }

    /// <summary>The epoch that covers the read, if one does.</summary>
    public FeedEpoch? Epoch { get; private set; }

    /// <summary>The users that were found, where the target is a hint.</summary>
    public IReadOnlyList<UserKey> Found { get; set; } = [];

    public Task<Landing> Landed => _landing.Task;

    public string? IfNoneMatch => Held?.Document?.ETag;

    /// <summary>A flight that has landed already, for a caller who came too late to join it.</summary>
    public static Flight OfLanded(LookupTarget target, CacheEntry entry)
    {
        var flight = new Flight(target, null, 0);
        flight.Complete(new Landing(entry, IsStored: true, IsRevalidated: false, TimeSpan.Zero));
        return flight;
    }

    /// <summary>Marks the moment of sending. The epoch is looked up first: it must have been armed before the read was sent.</summary>
    public void Depart(Freshness freshness)
    {
        Epoch = freshness.Armed;
        SentAt = freshness.Clock.Now;
    }

    /// <summary>
    /// Whether the answer comes from a replica that lags behind a change this instance knows of. A store that does not say how
    /// far it was is trusted: there the session token alone protects.
    /// </summary>
    public bool IsBehind(in StoreRead read) =>
        (read.Lsn > 0 && read.Lsn < Floor) || (read.Document is { Lsn: > 0 } document && document.Lsn < (Held?.Document?.Lsn ?? 0));

    public void Complete(Landing landing) => _landing.TrySetResult(landing);

    public void Fail(Exception exception)
    {
        if (_landing.TrySetException(exception))
            _ = _landing.Task.Exception; // seen: when all who waited have left, it is nobody's error
    }
}

/// <summary>What came of a flight.</summary>
/// <param name="Entry">What was read.</param>
/// <param name="IsStored">It was kept in memory.</param>
/// <param name="IsRevalidated">The store said that the version in memory is still current.</param>
/// <param name="Duration">How long the read took.</param>
internal sealed record Landing(CacheEntry Entry, bool IsStored, bool IsRevalidated, TimeSpan Duration);
