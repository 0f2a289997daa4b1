using Lookup.Domain.Stores;

namespace Lookup.Functions.Resilience;

/// <summary>
/// The circuit breaker: it observes each call to the store, and determines when no more are sent because the store fails or hangs.
/// </summary>
/// <remarks>
/// <para>
/// A call ends in one of three ways. The store <i>responds</i>, also with a status such as 404 or 429. The call <i>fails</i>: it could not be
/// sent, or the store reported that it is unavailable. Or it is <i>canceled</i> before either, by its deadline or because no request waits
/// for it any longer. Two rules open the circuit:
/// </para>
/// <list type="number">
/// <item><b>Failures.</b> Of at least <see cref="StoreGuardOptions.FewestAttempts"/> calls that ended within
/// <see cref="StoreGuardOptions.Window"/>, <see cref="StoreGuardOptions.FailureRatio"/> failed. A canceled call is a failure here if it had been
/// outstanding for <see cref="StoreGuardOptions.AbandonedAfter"/>. Otherwise it is neither a failure nor a success.</item>
/// <item><b>Silence.</b> <see cref="StoreGuardOptions.FewestAttempts"/> reads have been canceled since the store last responded to any call, all
/// of them sent after that response and <see cref="StoreGuardOptions.AbandonedAfter"/> or more after they began (including the time in the
/// queue); and that response is at least that old, too.</item>
/// </list>
/// <para>
/// The first rule alone does not detect a store that hangs under load. With deadline D, N places and Q places in the queue, r reads per
/// second keep all places occupied if r · D &gt; N. A read then gets its place late: in the steady state, N calls end every D − W for a wait W, so a
/// call is outstanding for D − W = N ÷ r, and for N · D ÷ (N + Q) if the queue is full. That can be arbitrarily short. No threshold
/// for a single call is right for all rates: a short one takes a canceled request for a failure, and a long one counts nothing. In addition,
/// the responses from before the hang outweigh the canceled calls until they leave the window.
/// </para>
/// <para>
/// The second rule therefore uses the time of the reads and the silence of the store, not the time of single calls. If all reads hang
/// from some time on, and at least <see cref="StoreGuardOptions.FewestAttempts"/> places are free then, the first reads get their places
/// immediately, and the circuit opens one deadline after the last of them, which is D + (FewestAttempts − 1) ÷ r after the
/// beginning. With fewer places, or with places occupied by calls that were sent before the last response, the reads that get the
/// next places count: 2 · D + FewestAttempts ÷ r, for any r, N and Q, if the reads arrive steadily. Callers that cancel all reads earlier than
/// <see cref="StoreGuardOptions.AbandonedAfter"/> prove nothing and do not open the circuit; one that waits longer does not open it either
/// as long as the store responds to any other read meanwhile, because each response restarts the count.
/// </para>
/// <para>
/// After <see cref="StoreGuardOptions.Break"/>, one call is sent as a probe. A response closes the circuit. A failure opens it for another
/// break, and so does the probe's own deadline. The probe does not depend on its caller: one that cancels neither closes the circuit nor
/// keeps it open.
/// </para>
/// </remarks>
internal sealed class Circuit(StoreGuardOptions options, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly long _origin = time.GetTimestamp();
    private readonly OutcomeWindow _window = new(options.Window);
    private volatile CircuitState _state;
    private long _openUntil; // in ticks since the origin
    private long _responses;
    private TimeSpan _respondedAt;
    private int _unanswered;
    private bool _isUnhealthy;
    private long _opened;
    private long _refused;
    private long _refusedAtOpening;

    public CircuitState State => _state;

    /// <summary>Gets the number of times that the circuit has opened, including each failed probe.</summary>
    public long Opened => Interlocked.Read(ref _opened);

    /// <summary>Gets the number of reads that were rejected.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Gets the time since startup. It is monotonic: setting the wall clock back does not keep the circuit open.</summary>
    public TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>Checks whether a read would currently be rejected, and if so, counts one rejection.</summary>
    /// <returns>The exception with the reason, or <see langword="null"/> if a read would be sent.</returns>
    public UserStoreException? Refuse()
    {
        switch (_state)
        {
            case CircuitState.Closed:
                return null;
            case CircuitState.HalfOpen:
                return RefuseDuringProbe();
            default:
                var wait = TimeSpan.FromTicks(Interlocked.Read(ref _openUntil)) - Now;
                return wait > TimeSpan.Zero ? Refuse(wait) : null;
        }
    }

    /// <summary>Counts one rejection, of a read whose probe has not responded yet.</summary>
    public UserStoreException RefuseDuringProbe() => Refuse(options.Break);

    /// <summary>Registers a call that is about to be sent. Exactly one of the methods for its end must follow.</summary>
    /// <param name="began">The time at which its read began, before it was queued.</param>
    /// <exception cref="UserStoreException">The circuit is open, and the call must not be sent.</exception>
    public CircuitCall Enter(TimeSpan began)
    {
        var isProbe = false;
        lock (_gate)
        {
            if (_state == CircuitState.Closed)
                return new CircuitCall(began, Now, _responses, IsProbe: false);

            if (_state == CircuitState.Open && Now.Ticks >= _openUntil)
            {
                _state = CircuitState.HalfOpen;
                isProbe = true;
            }
        }

        if (!isProbe)
            throw Refuse() ?? RefuseDuringProbe();

        StoreGuardLog.HalfOpened(logger);
        return new CircuitCall(began, Now, Interlocked.Read(ref _responses), IsProbe: true);
    }

    /// <summary>Records that the store has responded to a call.</summary>
    public void Responded(in CircuitCall call)
    {
        lock (_gate)
        {
            NoteResponse_NeedsLock();
            if (_state == CircuitState.Closed)
                _window.AddSuccess(_respondedAt);
            if (!call.IsProbe)
                return;

            _window.Clear();
            _state = CircuitState.Closed;
            _isUnhealthy = false;
        }

        StoreGuardLog.Closed(logger, Refused - Interlocked.Read(ref _refusedAtOpening));
    }

    /// <summary>Records that the store has responded with a part of a result, while the call continues.</summary>
    public void RespondedInPart()
    {
        lock (_gate)
            NoteResponse_NeedsLock();
    }

    /// <summary>Records that a call has failed.</summary>
    public void Failed(in CircuitCall call, string reason)
    {
        lock (_gate)
        {
            if (call.IsProbe || FailsTooOften_NeedsLock())
                Open_NeedsLock(reason);
        }
    }

    /// <summary>Records that a call was canceled before the store responded.</summary>
    public void Canceled(in CircuitCall call)
    {
        const string Reason = "The reads were canceled before the store responded.";
        lock (_gate)
        {
            var now = Now;
            var isLong = now - call.Sent >= options.AbandonedAfter;
            if (call.IsProbe)
            {
                Open_NeedsLock(Reason);
                return;
            }

            // Sent before the last response, a call can have been overtaken by a call to a healthy partition.
            if (_responses == call.Responses && now - call.Began >= options.AbandonedAfter)
                _unanswered++;
            var isSilent = _unanswered >= options.FewestAttempts && now - _respondedAt >= options.AbandonedAfter;
            if ((isLong && FailsTooOften_NeedsLock()) || (isSilent && _state == CircuitState.Closed))
                Open_NeedsLock(Reason);
        }
    }

    private void NoteResponse_NeedsLock()
    {
        _responses++;
        _respondedAt = Now;
        _unanswered = 0;
    }

    private bool FailsTooOften_NeedsLock()
    {
        if (_state != CircuitState.Closed)
            return false;

        var (successes, failures) = _window.AddFailure(Now);
        return successes + failures >= options.FewestAttempts && failures >= options.FailureRatio * (successes + failures);
    }

    private void Open_NeedsLock(string reason)
    {
        _state = CircuitState.Open;
        Interlocked.Exchange(ref _openUntil, (Now + options.Break).Ticks);
        Interlocked.Increment(ref _opened);
        _window.Clear();
        _unanswered = 0;
        if (_isUnhealthy)
        {
            StoreGuardLog.StillOpen(logger, reason);
            return;
        }

        _isUnhealthy = true;
        Interlocked.Exchange(ref _refusedAtOpening, Refused);
        StoreGuardLog.Opened(logger, reason);
    }

    private UserStoreException Refuse(TimeSpan wait)
    {
        Interlocked.Increment(ref _refused);
        return new UserStoreException(
            UserStoreFailure.Unavailable, "The circuit is open because of recent store failures; no read is sent until a probe succeeds.")
        {
            IsRefusal = true,
            RetryAfter = wait,
        };
    }
}

/// <summary>A call to the store that the circuit observes.</summary>
/// <param name="Began">The time at which its read began, before it was queued.</param>
/// <param name="Sent">The time at which the call was sent.</param>
/// <param name="Responses">The number of responses to any call when it was sent.</param>
/// <param name="IsProbe">A value that indicates whether the call is the probe of an open circuit.</param>
internal readonly record struct CircuitCall(TimeSpan Began, TimeSpan Sent, long Responses, bool IsProbe);

/// <summary>Specifies whether reads are sent to the store.</summary>
internal enum CircuitState
{
    /// <summary>All reads are sent.</summary>
    Closed,

    /// <summary>No read is sent until the break is over. The first read after it is the probe.</summary>
    Open,

    /// <summary>The probe is in flight, and no other read is sent.</summary>
    HalfOpen,
}
