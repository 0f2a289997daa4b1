using System.Runtime.InteropServices;
using Lookup.Domain.Freshness;

namespace Lookup.Domain.Feed;

/// <summary>
/// The payments for polls, in advance: from the account of the lookups that need them, or from the allowance of the instance. Not thread-safe.
/// </summary>
/// <param name="options">The allowance.</param>
/// <param name="freshness">The clock.</param>
internal sealed partial class PollPayments(FollowerOptions options, FreshnessTracker freshness)
{
    /// <summary>The time for which an unused allowance accumulates.</summary>
    private static readonly TimeSpan AllowanceBurst = TimeSpan.FromSeconds(5);

    private readonly List<(PolledRange Range, double Price)> _polls = [];
    private PolledRange[] _ranges = [];
    private double _allowance = options.Allowance * AllowanceBurst.TotalSeconds;
    private long _allowanceAt = freshness.Clock.Now;

    /// <summary>Gets the number of polls that are to be paid for.</summary>
    public int Count => _polls.Count;

    /// <summary>Gets the price of all of these polls.</summary>
    public double Price { get; private set; }

    /// <summary>Sets the ranges of a feed that was started.</summary>
    public void Start(PolledRange[] ranges) => _ranges = ranges;

    /// <summary>Begins another payment.</summary>
    public void Begin()
    {
        _polls.Clear();
        Price = 0;
    }

    /// <summary>Adds a poll of a range to the payment, unless it is already paid for.</summary>
    public void Add(PolledRange range, double price)
    {
        if (range.IsPaid)
            return;

        _polls.Add((range, price));
        Price += price;
    }

    /// <summary>Pays for all polls that were added, from an account or from the allowance.</summary>
    /// <param name="account">The account.</param>
    /// <param name="at">The current time.</param>
    /// <param name="credit">The amount with which the account will be credited if the polls succeed, because they save reads.</param>
    /// <param name="mayPay">A value that indicates whether the account may pay.</param>
    /// <param name="mayBeGranted">A value that indicates whether the allowance may pay if the account does not.</param>
    public bool TryPay(RangeAccount account, long at, double credit = 0, bool mayPay = true, bool mayBeGranted = true)
    {
        var balance = account.Balance;
        var payer = mayPay && balance + credit >= Price ? account : null;
        var pays = payer is not null || (mayBeGranted && TrySettle(account, balance, at) && AllowanceAt(at) >= Price);
        OnPaying(ref pays);
        if (!pays)
            return false;

        Charge(payer, Price);
        foreach (ref readonly var poll in CollectionsMarshal.AsSpan(_polls))
            poll.Range.Pay(poll.Price, account, isGranted: payer is null);
        return true;
    }

    /// <summary>Charges a payer with request units; if negative, returns them.</summary>
    /// <param name="payer">The account, or <see langword="null"/> for the allowance.</param>
    /// <param name="charge">The request units.</param>
    public void Charge(RangeAccount? payer, double charge)
    {
        if (payer is null)
            _allowance -= charge;
        else
            payer.Pay(charge);
    }

    /// <summary>
    /// Pays the debt of an account from the allowance, as far as it suffices. The reads of users that the feed has evicted can overdraw an
    /// account.
    /// </summary>
    /// <returns><see langword="true"/> if there is no debt left; otherwise, <see langword="false"/>.</returns>
    private bool TrySettle(RangeAccount account, double balance, long at)
    {
        var settled = Math.Clamp(-balance, 0, Math.Max(0, AllowanceAt(at)));
        Charge(account, -settled);
        Charge(null, settled);
        return balance + settled >= 0;
    }

    // A hook for the mutants of the simulation (tests/Simulation.Mutants).
    partial void OnPaying(ref bool pays);

    private double AllowanceAt(long at)
    {
        // An allowance that accumulates less than the price of a poll could never pay for it.
        var most = options.Allowance * Math.Max(AllowanceBurst.TotalSeconds, options.PollInterval.TotalSeconds);
        for (var i = 0; options.Allowance > 0 && i < _ranges.Length; i++)
            most = Math.Max(most, _ranges[i].PriceOfStart);
        _allowance = Math.Min(most, _allowance + (options.Allowance * Math.Max(0, at - _allowanceAt) / TimeSpan.TicksPerSecond));
        _allowanceAt = Math.Max(_allowanceAt, at);
        return _allowance;
    }
}
