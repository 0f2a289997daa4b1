using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>What the polls of one feed range have cost, and what the next one is expected to cost, in request units. Not thread-safe.</summary>
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
    private RangeAccount? _payer;
    private double _charge;
    private double _chargeOfChanges;

    /// <summary>Gets a value that indicates whether a poll was paid for that has not ended yet.</summary>
    public bool IsPaid { get; private set; }

    /// <summary>Gets a value that indicates whether a poll of the range was successful since the feed was started.</summary>
    public bool HasBeenPolled { get; private set; }

    /// <summary>Gets a value that indicates whether the range has not been polled since the feed was started, not even without success.</summary>
    public bool IsWaiting { get; private set; } = true;

    /// <summary>Gets the time at which the last poll that returned a page was sent, or <see cref="FeedEpoch.Never"/>.</summary>
    public long PolledAt { get; private set; } = FeedEpoch.Never;

    /// <summary>Gets the cost of all polls.</summary>
    public double TotalCost { get; private set; }

    /// <summary>Gets the price of polling the range from now to its end: one page determines what "now" is, and one shows the end.</summary>
    public double PriceOfStart => 2 * _priceOfEmpty;

    /// <summary>Begins anew when the feed is started.</summary>
    public void Begin() => (IsPaid, HasBeenPolled, IsWaiting, PolledAt) = (false, false, true, FeedEpoch.Never);

    /// <summary>Returns the price of polling the range to its end.</summary>
    public double PriceAt(long now) => HasBeenPolled ? _priceOfEmpty + (_changesPerSecond * SecondsTo(now)) : PriceOfStart;

    /// <summary>Records that a poll was paid for in advance.</summary>
    /// <param name="price">The expected cost.</param>
    /// <param name="payer">The account that paid, or <see langword="null"/> if the allowance did.</param>
    public void Pay(double price, RangeAccount? payer) => (IsPaid, _payer, _paid) = (true, payer, price);

    public void AddPage(double charge, bool hasChanges)
    {
        TotalCost += charge;
        _charge += charge;
        if (hasChanges)
            _chargeOfChanges += charge;
        else
            _priceOfEmpty = _isMeasured ? _priceOfEmpty + (Weight * (charge - _priceOfEmpty)) : charge;
        _isMeasured |= !hasChanges;
    }

    /// <summary>Records the end of a poll.</summary>
    /// <returns>The account that paid for it, or <see langword="null"/> for the allowance; and what it cost more than was paid.</returns>
    public (RangeAccount? Payer, double Difference) EndPoll(long sentAt, bool isSuccessful)
    {
        if (isSuccessful)
        {
            if (HasBeenPolled && sentAt > PolledAt)
                _changesPerSecond += Weight * ((_chargeOfChanges / Math.Max(0.001, SecondsTo(sentAt))) - _changesPerSecond);
            (HasBeenPolled, PolledAt) = (true, Math.Max(PolledAt, sentAt));
        }

        IsWaiting = false;
        var paid = IsPaid ? _paid : 0;
        var cost = isSuccessful ? _charge : Math.Max(_charge, paid);
        var result = (IsPaid ? _payer : null, cost - paid);
        (IsPaid, _payer, _paid, _charge, _chargeOfChanges) = (false, null, 0, 0, 0);
        return result;
    }

    private double SecondsTo(long now) => Math.Max(0, (double)(now - PolledAt) / TimeSpan.TicksPerSecond);
}
