using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>The cost of the polls of one feed range, and the expected cost of the next one, in request units. Not thread-safe.</summary>
/// <remarks>
/// The price of a poll consists of the charge of a page without changes, which is not documented and therefore measured, and of the changes
/// since the last poll, which are estimated from the time that has passed.
/// </remarks>
internal sealed class PolledRange
{
    /// <summary>The weight of the last poll in the averages.</summary>
    private const double Weight = 0.2;

    private double _priceOfEmpty = 1;
    private bool _isMeasured;
    private double _changesPerSecond;
    private double _paid;
    private bool _isTaken;
    private bool _isGranted;
    private double _charge;
    private double _chargeOfEnds;
    private double _chargeOfChanges; // since the last successful poll

    /// <summary>Gets a value that indicates whether a poll was paid for that has not ended yet.</summary>
    public bool IsPaid { get; private set; }

    /// <summary>Gets a value that indicates whether a poll that was due could not be paid, and none was sent since.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Gets a value that indicates whether a poll of the range was successful since the feed was started.</summary>
    public bool HasBeenPolled { get; private set; }

    /// <summary>Gets a value that indicates whether the range has not been polled since the feed was started, not even without success.</summary>
    public bool IsWaiting { get; private set; } = true;

    /// <summary>
    /// Gets the account of the lookups for which a poll was paid, or <see langword="null"/> if no poll is in progress. It is charged with the
    /// reads that the poll causes, even if the allowance has paid for the poll.
    /// </summary>
    public RangeAccount? Account { get; private set; }

    /// <summary>Gets the time at which the last poll that reached the end was sent, or <see cref="FeedEpoch.Never"/>.</summary>
    public long PolledAt { get; private set; } = FeedEpoch.Never;

    /// <summary>Gets the cost of all polls.</summary>
    public double TotalCost { get; private set; }

    /// <summary>Gets the price of polling the range from now to its end: one page determines what "now" is, and one shows the end.</summary>
    public double PriceOfStart => 2 * _priceOfEmpty;

    /// <summary>Resets the state of polling when the feed is started. Prices and costs remain.</summary>
    public void Begin() => (IsPaid, _isTaken, Account, IsRefused, HasBeenPolled, IsWaiting, PolledAt) = (false, false, null, false, false, true, FeedEpoch.Never);

    /// <summary>Returns the price of polling the range to its end.</summary>
    public double PriceAt(long now) => HasBeenPolled ? _priceOfEmpty + (_changesPerSecond * SecondsTo(now)) : PriceOfStart;

    /// <summary>Returns the price of polling the range to its end when a time has passed since the last poll.</summary>
    public double PriceAfter(TimeSpan time) => _priceOfEmpty + (_changesPerSecond * time.TotalSeconds);

    /// <summary>Records that a poll was paid for in advance.</summary>
    /// <param name="price">The expected cost.</param>
    /// <param name="account">The account of the lookups for which it was paid.</param>
    /// <param name="isGranted">A value that indicates whether the allowance has paid, and not the account.</param>
    public void Pay(double price, RangeAccount account, bool isGranted) => (IsPaid, Account, _isGranted, _paid) = (true, account, isGranted, price);

    /// <summary>Takes the payment for a poll that begins. Each payment is for one poll.</summary>
    /// <returns><see langword="false"/> if no poll was paid for; otherwise, <see langword="true"/>.</returns>
    public bool TryTakePayment()
    {
        if (!IsPaid || _isTaken)
            return false;

        _isTaken = true;
        return true;
    }

    /// <summary>Records a page.</summary>
    /// <param name="charge">The charge.</param>
    /// <param name="isEmptyEnd">A value that indicates whether the page is the end of the range or of a part, and has no changes.</param>
    public void AddPage(double charge, bool isEmptyEnd)
    {
        TotalCost += charge;
        _charge += charge;
        if (isEmptyEnd)
            _chargeOfEnds += charge;
    }

    /// <summary>Records the end of a poll.</summary>
    /// <param name="sentAt">The time at which the poll was sent.</param>
    /// <param name="isSuccessful">A value that indicates whether it reached the end.</param>
    /// <param name="isStart">A value that indicates whether it began from now, and therefore does not show how many changes there were.</param>
    /// <returns>The account that paid for it, or <see langword="null"/> for the allowance; and what it cost more than was paid.</returns>
    public (RangeAccount? Payer, double Difference) EndPoll(long sentAt, bool isSuccessful, bool isStart = false)
    {
        // The sum, because a range that has split has an end for each part.
        if (isSuccessful && _chargeOfEnds > 0)
            (_priceOfEmpty, _isMeasured) = (_isMeasured ? _priceOfEmpty + (Weight * (_chargeOfEnds - _priceOfEmpty)) : _chargeOfEnds, true);
        _chargeOfChanges += Math.Max(0, _charge - (_chargeOfEnds > 0 ? _chargeOfEnds : _priceOfEmpty));
        if (isStart || !HasBeenPolled)
            _chargeOfChanges = 0;
        if (isSuccessful)
        {
            if (HasBeenPolled && !isStart && sentAt > PolledAt)
                _changesPerSecond += Weight * ((_chargeOfChanges / Math.Max(0.001, SecondsTo(sentAt))) - _changesPerSecond);
            (HasBeenPolled, PolledAt, _chargeOfChanges) = (true, Math.Max(PolledAt, sentAt), 0);
        }

        IsWaiting = false;
        var paid = IsPaid ? _paid : 0;
        var cost = isSuccessful ? _charge : Math.Max(_charge, paid);
        var result = (IsPaid && !_isGranted ? Account : null, cost - paid);
        (IsPaid, _isTaken, IsRefused, Account, _paid, _charge, _chargeOfEnds) = (false, false, false, null, 0, 0, 0);
        return result;
    }

    /// <summary>Records that a poll that was due could not be paid.</summary>
    public void Refuse() => IsRefused = true;

    /// <summary>Determines whether the poll in progress has cost more than it may.</summary>
    /// <param name="most">The maximum cost, unless more was paid in advance.</param>
    public bool CostsMoreThan(double most) => _charge > Math.Max(most, 4 * Math.Max(_paid, PriceOfStart));

    private double SecondsTo(long now) => Math.Max(0, (double)(now - PolledAt) / TimeSpan.TicksPerSecond);
}
