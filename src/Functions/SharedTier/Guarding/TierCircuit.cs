namespace Lookup.Functions.SharedTier.Guarding;

/// <summary>The way in which a call passes the circuit.</summary>
internal enum TierAdmission
{
    /// <summary>The call is sent.</summary>
    Sent,

    /// <summary>The break is over, and this call is the probe.</summary>
    Probe,

    /// <summary>The call is not sent.</summary>
    Refused,
}

/// <summary>
/// The circuit breaker of the calls to a tier. It opens after a number of consecutive failures, and after the break admits one call as a probe.
/// </summary>
/// <remarks>
/// Unlike the circuit of the store, it needs no rule for canceled calls: the guard lets each call run to its end or to its time limit, whatever its
/// caller does. The outcome of a call that was sent before the circuit opened does not count afterwards: one late response of a tier that has
/// stopped responding proves nothing.
/// </remarks>
/// <param name="failuresBeforeBreak">The number of consecutive failures that open it.</param>
/// <param name="pause">The break.</param>
/// <param name="time">The clock.</param>
internal sealed class TierCircuit(int failuresBeforeBreak, TimeSpan pause, TimeProvider time)
{
    private readonly Lock _gate = new();
    private volatile bool _isClosed = true;
    private bool _isProbing;
    private int _failures;
    private long _openedAt;
    private long _opened;

    /// <summary>Gets a value indicating whether calls are sent.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Gets the number of times that the circuit has opened, including each failed probe.</summary>
    public long Opened => Interlocked.Read(ref _opened);

    /// <summary>Decides about a call. Unless it is refused, <see cref="Succeeded"/> or <see cref="Failed"/> must follow.</summary>
    public TierAdmission Enter()
    {
        if (_isClosed)
            return TierAdmission.Sent;

        lock (_gate)
        {
            if (_isClosed)
                return TierAdmission.Sent;
            if (_isProbing || time.GetElapsedTime(_openedAt) < pause)
                return TierAdmission.Refused;

            _isProbing = true;
            return TierAdmission.Probe;
        }
    }

    /// <summary>Records that the tier has responded to a call.</summary>
    /// <param name="admission">The result of <see cref="Enter"/> for this call.</param>
    /// <returns><see langword="true"/> if this has closed the circuit.</returns>
    public bool Succeeded(TierAdmission admission)
    {
        // The usual case, without the lock. A failure that is recorded at the same time may be forgotten with those before it, or count as the first.
        if (admission == TierAdmission.Sent && _isClosed && Volatile.Read(ref _failures) == 0)
            return false;

        lock (_gate)
        {
            var wasClosed = _isClosed;
            if (admission == TierAdmission.Probe)
                (_isProbing, _isClosed) = (false, true);
            if (_isClosed)
                _failures = 0;
            return !wasClosed && _isClosed;
        }
    }

    /// <summary>Records that a call has failed, or has reached its time limit.</summary>
    /// <param name="admission">The result of <see cref="Enter"/> for this call.</param>
    /// <returns><see langword="true"/> if this has opened the circuit, and not only kept it open.</returns>
    public bool Failed(TierAdmission admission)
    {
        lock (_gate)
        {
            var wasClosed = _isClosed;
            if (admission == TierAdmission.Probe)
                _isProbing = false;
            else if (!_isClosed || ++_failures < failuresBeforeBreak)
                return false;

            _isClosed = false;
            _failures = 0;
            _openedAt = time.GetTimestamp();
            _opened++;
            return wasClosed;
        }
    }
}
