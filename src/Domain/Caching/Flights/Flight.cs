using System.Runtime.ExceptionServices;
using Lookup.Domain.Caching.Entries;
using Lookup.Domain.Freshness;
using Lookup.Domain.Stores;

namespace Lookup.Domain.Caching.Flights;

/// <summary>One read in flight and its waiters.</summary>
internal sealed class Flight
{
    private List<FlightWaiter>? _joined;
    private CompletedRead? _result;
    private ExceptionDispatchInfo? _failure;

    public Flight(LookupTarget target, StampedEntry? held, IRequestUnitBudget? budget = null)
    {
        Target = target;
        Held = held;
        Budget = budget;
        Initiator = new FlightWaiter(this, isJoined: false);
    }

    public LookupTarget Target { get; }

    /// <summary>Gets the entry that was cached when the flight started. Its ETag is sent as If-None-Match.</summary>
    public StampedEntry? Held { get; }

    /// <summary>
    /// Gets or sets the log sequence number (LSN) that was known for the key before the change that detached the flight, in the partition of
    /// that change; nothing if another reason detached it. The requests of the flight began before that change, so its result may be older.
    /// Guarded by the stripe's lock.
    /// </summary>
    public LogPosition KnownBefore { get; set; }

    /// <summary>
    /// Gets or sets the partition of a version that was returned to another request while the read was in flight, or <see langword="null"/>.
    /// A result of another partition, such as the one that has split, cannot be compared with it, and may be older. Cleared when the read is
    /// sent again, because that read is in a session that includes the version.
    /// </summary>
    public LogPartition? OvertakenIn { get; set; }

    /// <summary>
    /// Gets or sets a value that indicates whether the result will be stored and other requests can join. Guarded by the stripe's lock.
    /// </summary>
    public bool IsAttached { get; set; }

    /// <summary>Gets or sets the number of waiting requests. Guarded by the stripe's lock.</summary>
    public int Waiters { get; set; } = 1;

    /// <summary>Gets a value that indicates whether the entry of the shared tier is requested before the store is read.</summary>
    public bool AsksTier { get; init; }

    /// <summary>Gets a value that indicates whether the flight has a result or has failed.</summary>
    public bool HasEnded => _result is not null || _failure is not null;

    /// <summary>Gets the budget to which the read is charged.</summary>
    public IRequestUnitBudget? Budget { get; }

    /// <summary>Gets or sets the read that the flight is part of. It is set before a waiter can be removed.</summary>
    public SharedRead? SharedRead { get; set; }

    /// <summary>Gets a value that indicates whether the read was sent more than once, because a replica lagged behind a known change.</summary>
    public bool IsRepeated { get; private set; }

    /// <summary>Gets the time at which the last read of the flight was sent.</summary>
    public long SentAt { get; private set; } = FeedEpoch.Never;

    /// <summary>Gets the epoch that covers the read, if any.</summary>
    public FeedEpoch? Epoch { get; private set; }

    /// <summary>Gets or sets the users that were found, if the target is a hint.</summary>
    public StoreFind Found { get; set; }

    /// <summary>Gets the waiter of the request that created the flight and starts its read.</summary>
    public FlightWaiter Initiator { get; }

    /// <summary>
    /// Gets the entity tag to send, or <see langword="null"/> for an unconditional read. The feed can contain another tag for a version than
    /// a read of it returns, so the tag of an entry from the feed is not sent. Nor is that of a user whose time to live is over: if the store
    /// still returns it, the time has been changed, which a 304 would not show.
    /// </summary>
    public string? IfNoneMatch => Held is { IsFromFeed: false } held && !held.HasEnded(SentAt) ? held.Document?.ETag : null;

    /// <summary>Creates the waiter of a flight that has already completed, for a request that was too late to join it.</summary>
    public static FlightWaiter Completed(LookupTarget target, StampedEntry entry)
    {
        var waiter = new FlightWaiter(new Flight(target, null), isJoined: true);
        waiter.Complete(new CompletedRead(entry, IsStored: true, IsRevalidated: false, TimeSpan.Zero));
        return waiter;
    }

    /// <summary>
    /// Adds a waiter. Call this under the stripe's lock, and only if the flight was found under the same lock, so that no request joins a
    /// flight that has ended.
    /// </summary>
    public FlightWaiter Join()
    {
        Waiters++;
        var waiter = new FlightWaiter(this, isJoined: true);
        (_joined ??= []).Add(waiter);
        return waiter;
    }

    /// <summary>Records the time of sending. The epoch is read first, because it must be armed before the read is sent.</summary>
    public void MarkSent(FreshnessTracker freshness)
    {
        OvertakenIn = null;
        IsRepeated = SentAt != FeedEpoch.Never;
        Epoch = Target.Alternate is null ? freshness.ArmedFor(Target.User.PartitionKey) : freshness.ArmedForAll();
        SentAt = freshness.Clock.Now;
    }

    /// <summary>Records the result. Waiters receive it from <see cref="ReleaseJoined"/> and <see cref="ReleaseInitiator"/>.</summary>
    public void Complete(CompletedRead read) => _result = read;

    /// <summary>Records the failure. Waiters receive it from <see cref="ReleaseJoined"/> and <see cref="ReleaseInitiator"/>.</summary>
    public void Fail(ExceptionDispatchInfo failure) => _failure = failure;

    /// <summary>Completes the joined waiters. Call this once, when the flight has ended, and without holding a lock.</summary>
    public void ReleaseJoined()
    {
        foreach (var waiter in _joined ?? [])
            Release(waiter);
    }

    /// <summary>
    /// Completes the initiator, whose continuation may run inline on this thread. Call this last, when nothing remains to be done for the
    /// whole read.
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

/// <summary>The result of a flight.</summary>
/// <param name="Entry">The entry that was read.</param>
/// <param name="IsStored">A value that indicates whether the entry was stored in the cache.</param>
/// <param name="IsRevalidated">A value that indicates whether the store confirmed the cached version.</param>
/// <param name="Duration">The duration of the read.</param>
internal sealed record CompletedRead(StampedEntry Entry, bool IsStored, bool IsRevalidated, TimeSpan Duration)
{
    /// <summary>Gets a value that indicates whether the entry is the read of another instance, from the shared tier.</summary>
    public bool IsFromTier { get; init; }

    /// <summary>
    /// Gets the latest time at which an entry from the shared tier is known to have been current, as of the end of the flight. Later confirmations of its epoch
    /// do not apply, because the entry may have been evicted before:
    /// <code>
    /// reader                                 feed                               with FreshAsOf of the entry
    /// flight ends with version 1, confirmed
    ///   an hour ago
    ///                                        Evict for version 2
    ///                                        Confirm: found the end
    /// resumes: too old                                                          version 1 was confirmed just now
    /// </code>
    /// </summary>
    public long FreshAsOf { get; init; } = FeedEpoch.Never;
}
