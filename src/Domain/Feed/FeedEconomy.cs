using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>
/// The economy of polling. It determines when polls of a feed range are worth their price, and keeps their cost within what the reads that
/// they save would cost, plus an allowance.
/// </summary>
/// <remarks>
/// <para>
/// On demand, the rule is that of the ski-rental problem: the price of reading an unconfirmed entry is added to the rent of its range. If the
/// rent within the staleness bound, including this read, exceeds the price of a poll, the range is polled instead (bought), which confirms all
/// of its entries. In the background, a quarter of what the feed saves is spent on polls. A poll that the account of its range cannot pay is
/// paid from the allowance, or is not sent.
/// </para>
/// <para>
/// Each range has an account (<see cref="RangeAccount"/>). Queries by alternate key use the account of all ranges together, because all must be
/// polled to confirm their results. If it is not known which range contains a user, lookups of users use that account too.
/// </para>
/// <para>Thread-safe.</para>
/// </remarks>
internal sealed class FeedEconomy(FollowerOptions options, FreshnessTracker freshness)
{
    private readonly Lock _gate = new();
    private readonly PollPayments _payments = new(options, freshness);
    private PolledRange[] _ranges = [];
    private BackgroundPlan? _plan;

    /// <summary>Begins with ranges that have not been polled.</summary>
    public void Start(int ranges)
    {
        lock (_gate)
        {
            if (_ranges.Length != ranges)
                _ranges = [.. Enumerable.Range(0, ranges).Select(_ => new PolledRange())];
            foreach (var range in _ranges)
                range.Begin();
            _payments.Start(_ranges);
            _plan = null;
        }
    }

    /// <summary>
    /// Decides whether to poll ranges for requests whose entries are not confirmed, and if so, pays for the polls. Otherwise, adds the price of
    /// the reads to the rent.
    /// </summary>
    /// <param name="index">The index of the range, or <see cref="FeedEpoch.AllRanges"/>.</param>
    /// <param name="price">The price of the reads.</param>
    public bool Buys(int index, double price)
    {
        if (options.Polling == FeedPolling.Steady)
            return true;

        lock (_gate)
        {
            var now = freshness.Clock.Now;
            var epochs = freshness.Current;
            if (index >= Math.Min(_ranges.Length, epochs.Count))
                return false;

            var account = index == FeedEpoch.AllRanges ? epochs.All.Account : epochs[index].Account;
            _payments.Begin();
            for (var i = FirstOf(index); i <= LastOf(index); i++)
                _payments.Add(_ranges[i], _ranges[i].PriceAt(now));
            if (_payments.Count == 0)
                return true; // the poll in progress, or the one that is about to be sent, is shared

            var buys = account.RentAt(now) + price > _payments.Price
                && !IsAnyOutdated(epochs, index, now)
                && _payments.TryPay(account, now, credit: RangeAccount.MaxCost * price);
            if (buys)
                account.ClearRent();
            else
                account.AddRent(now, price);
            return buys;
        }
    }

    /// <summary>Pays for a background poll of a range, which no request waits for, if the poll is due and worth its price.</summary>
    /// <returns>Zero if the range is to be polled now; otherwise, the time after which to call this method again.</returns>
    public TimeSpan BuyOrWait(int index)
    {
        lock (_gate)
        {
            var now = freshness.Clock.Now;
            var range = _ranges[index];
            var left = range.PolledAt + options.PollInterval.Ticks - now;
            if (range.IsPaid || options.Polling == FeedPolling.Steady || left > 0)
                return TimeSpan.FromTicks(Math.Max(0, left));

            var epochs = freshness.Current;
            if (!epochs[index].IsArmed)
                return BuyStartOrWait(epochs, index, now, mayBeGranted: true);
            return IsOutdated(epochs, index, now)
                ? BuyStartOrWait(epochs, index, now, mayBeGranted: PlanAt(epochs, now).IntervalOf(index) != long.MaxValue)
                : BuyPlannedOrWait(epochs, index, now);
        }
    }

    /// <summary>
    /// Determines whether a range that is not armed may be polled although there are no lookups: always with
    /// <see cref="FeedPolling.Steady"/>; otherwise only if it has not been polled since the feed was started.
    /// </summary>
    public bool MayStartWithoutLookups(int index)
    {
        lock (_gate)
            return options.Polling == FeedPolling.Steady || _ranges[index].IsWaiting;
    }

    /// <summary>
    /// Determines whether starting a range again from now is cheaper than reading it to its end. If so, the next poll starts it from now.
    /// </summary>
    public bool IsOutdated(int index)
    {
        lock (_gate)
            return options.Polling == FeedPolling.Adaptive && IsOutdated(freshness.Current, index, freshness.Clock.Now);
    }

    /// <summary>
    /// Determines whether the poll in progress has cost so much that it is cheaper to start the range again from now and to read the requested
    /// users again.
    /// </summary>
    public bool IsTooExpensive(int index)
    {
        lock (_gate)
            return options.Polling == FeedPolling.Adaptive && _ranges[index].CostsMoreThan(DemandWithinBound(freshness.Current, index, freshness.Clock.Now));
    }

    /// <summary>Returns the interval of background polls of a range, or <see langword="null"/> if there are none.</summary>
    public TimeSpan? IntervalOf(int index)
    {
        if (options.Polling == FeedPolling.Steady)
            return options.PollInterval;

        lock (_gate)
        {
            var now = freshness.Clock.Now;
            return index < _ranges.Length && _ranges[index] is { IsWaiting: false, IsRefused: false } && PlanAt(freshness.Current, now).IntervalOf(index) is { } ticks and < long.MaxValue
                ? TimeSpan.FromTicks(ticks)
                : null;
        }
    }

    /// <summary>Returns the request units that the polls of a range have cost.</summary>
    public double CostOf(int index)
    {
        lock (_gate)
            return index < _ranges.Length ? _ranges[index].TotalCost : 0;
    }

    /// <summary>Takes the payment for a poll of a range that begins. A poll that was not paid for must not be sent.</summary>
    /// <remarks>
    /// Each payment is for one poll. Otherwise, a poll could be sent that nothing pays for:
    /// <code>
    /// request                           poll of the same range
    ///                                   paid for, sent
    /// Buys: yes, it is shared
    ///                                   ends
    /// polls the range, without a payment
    /// </code>
    /// </remarks>
    public bool TryTakePayment(int index)
    {
        if (options.Polling == FeedPolling.Steady)
            return true;

        lock (_gate)
            return _ranges[index].TryTakePayment();
    }

    /// <summary>Returns the account of the lookups for which the poll in progress of a range was paid, or <see langword="null"/> if polls have no price.</summary>
    public RangeAccount? AccountOfPoll(int index)
    {
        lock (_gate)
            return _ranges[index].Account;
    }

    /// <summary>Records a page.</summary>
    public void AddPage(int index, double charge, bool isEmptyEnd)
    {
        lock (_gate)
            _ranges[index].AddPage(charge, isEmptyEnd);
    }

    /// <summary>Records the end of a poll, and settles the difference between its price and its cost. A failed poll costs at least its price.</summary>
    public void AddPoll(int index, long sentAt, bool isSuccessful, bool isStart = false)
    {
        lock (_gate)
        {
            var range = _ranges[index];
            var (payer, difference) = range.EndPoll(sentAt, isSuccessful, isStart);
            if (options.Polling == FeedPolling.Adaptive)
                _payments.Charge(payer, difference);
        }
    }

    /// <summary>
    /// Pays for a poll of a range from its start. The account of the range pays if its lookups have cost as much, and that of all ranges pays for
    /// all of them together. A range without recent lookups gets nothing from the allowance while a requested range has not been polled yet.
    /// </summary>
    private TimeSpan BuyStartOrWait(FeedEpochs epochs, int index, long now, bool mayBeGranted)
    {
        if (BuysStartsForAll(epochs, now))
            return TimeSpan.Zero;

        var range = _ranges[index];
        var account = AccountOf(epochs, index).Account;
        var isWorthIt = epochs.Partitioner is not null && account.RentAt(now) >= range.PriceOfStart;
        var isNext = account.IsRequested(now, options.IdleAfter) || !IsAnyWaiting(epochs, now);
        _payments.Begin();
        _payments.Add(range, range.PriceOfStart);
        if (!_payments.TryPay(account, now, mayPay: isWorthIt, mayBeGranted: mayBeGranted && isNext))
            return options.PollInterval;

        account.ClearRent();
        return TimeSpan.Zero;
    }

    /// <summary>
    /// Pays for polls of all ranges that must be polled from their start, if lookups that only all ranges together can confirm have cost that much.
    /// Such a lookup reads as long as one range is not armed, even if that range has no lookups of its own that could pay for it.
    /// </summary>
    private bool BuysStartsForAll(FeedEpochs epochs, long now)
    {
        _payments.Begin();
        for (var i = 0; i < _ranges.Length; i++)
        {
            if (!epochs[i].IsArmed || IsOutdated(epochs, i, now))
                _payments.Add(_ranges[i], _ranges[i].PriceOfStart);
        }

        var account = epochs.All.Account;
        if (account.RentAt(now) < _payments.Price || !_payments.TryPay(account, now, mayBeGranted: false))
            return false;

        account.ClearRent();
        return true;
    }

    private TimeSpan BuyPlannedOrWait(FeedEpochs epochs, int index, long now)
    {
        var range = _ranges[index];
        var plan = PlanAt(epochs, now);
        var interval = plan.IntervalOf(index);
        if (interval == long.MaxValue)
            return options.PollInterval;
        if (range.PolledAt + interval - now is var left and > 0)
            return TimeSpan.FromTicks(left);

        var account = plan.IsForHints(index) ? epochs.All.Account : AccountOf(epochs, index).Account;
        _payments.Begin();
        _payments.Add(range, range.PriceAt(now));
        if (_payments.TryPay(account, now, mayBeGranted: !IsAnyWaiting(epochs, now)))
            return TimeSpan.Zero;

        range.Refuse();
        return options.PollInterval;
    }

    /// <summary>Determines whether any range with recent lookups has not been polled since the feed was started.</summary>
    private bool IsAnyWaiting(FeedEpochs epochs, long now)
    {
        for (var i = 0; i < _ranges.Length; i++)
        {
            if (_ranges[i].IsWaiting && AccountOf(epochs, i).Account.IsRequested(now, options.IdleAfter))
                return true;
        }

        return false;
    }

    private bool IsAnyOutdated(FeedEpochs epochs, int index, long now)
    {
        for (var i = FirstOf(index); i <= LastOf(index); i++)
        {
            if (IsOutdated(epochs, i, now))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Determines whether the changes since the last poll cost more than starting from now and then reading the requested users again. The
    /// price of the start counts twice, because the price of the changes is an estimate, and a start ends the epoch.
    /// </summary>
    private bool IsOutdated(FeedEpochs epochs, int index, long now)
    {
        var range = _ranges[index];
        return range.HasBeenPolled
            && index < epochs.Count
            && now - range.PolledAt > freshness.MaxStaleness
            && range.PriceAt(now) > (2 * range.PriceOfStart) + DemandWithinBound(epochs, index, now);
    }

    /// <summary>Returns what lookups of a range would cost within the staleness bound if each user was read again.</summary>
    private double DemandWithinBound(FeedEpochs epochs, int index, long now) => index >= epochs.Count
        ? 0
        : AccountOf(epochs, index).Account.DemandPerSecond(now) * freshness.MaxStaleness / TimeSpan.TicksPerSecond;

    /// <summary>Returns the index of the first of the ranges that an index stands for.</summary>
    private static int FirstOf(int index) => index == FeedEpoch.AllRanges ? 0 : index;

    private int LastOf(int index) => index == FeedEpoch.AllRanges ? _ranges.Length - 1 : index;

    private static FeedEpoch AccountOf(FeedEpochs epochs, int index) => epochs.Partitioner is null ? epochs.All : epochs[index];

    private BackgroundPlan PlanAt(FeedEpochs epochs, long now)
    {
        // Each range calls this about once per interval, so a plan is used again for half an interval.
        if (_plan is { } plan && plan.Count == _ranges.Length && now - plan.At < options.PollInterval.Ticks / 2)
            return plan;

        return _plan = BackgroundPlan.Create(epochs, _ranges, options, freshness.MaxStaleness, now);
    }
}
