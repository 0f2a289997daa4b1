namespace Lookup.Domain.Stores;

/// <summary>The request units that one caller may spend at the store. Safe for concurrent use.</summary>
/// <remarks>A read's price is known when it has been answered, so a budget can be overdrawn; nothing is sent until it is made up.</remarks>
public interface IRequestUnitBudget
{
    /// <summary>Checks that a read may be sent for this caller now.</summary>
    /// <param name="retryAfter">If not, the time until one may.</param>
    bool Allows(out TimeSpan retryAfter);

    /// <summary>Notes what a read that was sent for this caller has cost.</summary>
    void Spend(double requestUnits);
}
