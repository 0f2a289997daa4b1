using System.Runtime.ExceptionServices;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;
using Lookup.Domain.Users;

namespace Lookup.Domain.Caching.Flights;

/// <summary>One read under way, and those who wait for it.</summary>
internal sealed class Flight
{
    private List<FlightWaiter>? _joined;
    private CompletedRead? _result;
    private ExceptionDispatchInfo? _failure;

    public Flight(LookupTarget target, StampedEntry? held, long minimumLsn, IRequestUnitBudget? budget = null)
    {
        Target = target;
        Held = held;
        MinimumLsn = Math.Max(minimumLsn, held?.Document?.Lsn ?? 0);
        IsFenced = minimumLsn > 0;
        Budget = budget;
        Initiator = new FlightWaiter(this, isJoined: false);
    }

    public LookupTarget Target { get; }

    /// <summary>What memory held when the flight began: sent along as If-None-Match, and never to be followed by an older version.</summary>
    public StampedEntry? Held { get; }

    /// <summary>
    /// The log sequence number below which an answer cannot be right. Taken when the flight began: an eviction that raises the
    /// key's floor later detaches the flight, so it stays the right one for all who wait.
    /// </summary>
    public long MinimumLsn { get; }

    /// <summary>The key was evicted a short while ago: only an answer that says how far its replica was can be trusted.</summary>
    public bool IsFenced { get; }

    /// <summary>Its result will be stored, and others may join. Guarded by the stripe's lock.</summary>
    public bool IsAttached { get; set; }

    /// <summary>How many requests wait. Guarded by the stripe's lock.</summary>
    public int Waiters { get; set; } = 1;

    /// <summary>The budget that the read is charged to.</summary>
    public IRequestUnitBudget? Budget { get; }

    /// <summary>The sharedRead the flight is read with; set before anybody can leave.</summary>
    public SharedRead? SharedRead { get; set; }

    /// <summary>When the read was sent whose answer counts.</summary>
    public long SentAt { get; private set; }

    /// <summary>The epoch that covers the read, if one does.</summary>
    public FeedEpoch? Epoch { get; private set; }

    /// <summary>The users that were found, where the target is a hint.</summary>
    public IReadOnlyList<UserKey> Found { get; set; } = [];

    /// <summary>The caller who attached the flight, and launches it.</summary>
    public FlightWaiter Initiator { get; }

    public string? IfNoneMatch => Held?.Document?.ETag;

    /// <summary>A flight that has landed already, for a caller who came too late to join it.</summary>
    public static FlightWaiter Completed(LookupTarget target, StampedEntry entry)
    {
        var waiter = new FlightWaiter(new Flight(target, null, 0), isJoined: true);
        waiter.Complete(new CompletedRead(entry, IsStored: true, IsRevalidated: false, TimeSpan.Zero));
        return waiter;
    }

    /// <summary>One more waits. Under the stripe's lock, and only while the flight can be found under it: so nobody joins what has ended.</summary>
    public FlightWaiter Join()
    {
        Waiters++;
        var waiter = new FlightWaiter(this, isJoined: true);
        (_joined ??= []).Add(waiter);
        return waiter;
    }

    /// <summary>Marks the moment of sending. The epoch is looked up first: it must have been armed before the read was sent.</summary>
    public void MarkSent(FreshnessTracker freshness)
    {
        Epoch = freshness.Armed;
        SentAt = freshness.Clock.Now;
    }

    /// <summary>
    /// Whether the answer comes from a replica that lags behind a change this instance knows of. A store that does not say how
    /// far it was is trusted: there the session token alone protects.
    /// </summary>
    public bool IsBehind(in StoreRead read) =>
        (read.Lsn > 0 && read.Lsn < MinimumLsn) || (read.Document is { Lsn: > 0 } document && document.Lsn < (Held?.Document?.Lsn ?? 0));

    /// <summary>Notes the result. Waiters get it from <see cref="ReleaseJoined"/> and <see cref="ReleaseInitiator"/>.</summary>
    public void Complete(CompletedRead read) => _result = read;

    /// <summary>Notes the failure. Waiters get it from <see cref="ReleaseJoined"/> and <see cref="ReleaseInitiator"/>.</summary>
    public void Fail(ExceptionDispatchInfo failure) => _failure = failure;

    /// <summary>Tells those who joined what the flight came to. To be called once, when it has ended, and under no lock.</summary>
    public void ReleaseJoined()
    {
        foreach (var waiter in _joined ?? [])
            Release(waiter);
    }

    /// <summary>
    /// Tells the launcher, who may go on at once on this thread: so last of all, when nothing is left to be done for the whole read.
    /// </summary>
    public void ReleaseInitiator() => Release(Initiator);

    private void Release(FlightWaiter waiter)
    {
        if (_result is not null)
            waiter.Complete(_result);
        else
            waiter.Fail(_failure!);
    }
}

/// <summary>What came of a flight.</summary>
/// <param name="Entry">What was read.</param>
/// <param name="IsStored">It was kept in memory.</param>
/// <param name="IsRevalidated">The store said that the version in memory is still current.</param>
/// <param name="Duration">How long the read took.</param>
internal sealed record CompletedRead(StampedEntry Entry, bool IsStored, bool IsRevalidated, TimeSpan Duration);
