namespace Lookup.Domain.Stores;

/// <summary>The request units that one caller may spend at the store. Safe for concurrent use.</summary>
/// <remarks>
/// The charge of a read is known only when it completes, so a budget can be overdrawn. No read is then sent until it has recovered.
/// </remarks>
public interface IRequestUnitBudget
{
    /// <summary>Determines whether a read may be sent for this caller now.</summary>
    /// <param name="retryAfter">The time until a read may be sent, if the result is <see langword="false"/>.</param>
    bool Allows(out TimeSpan retryAfter);

    /// <summary>Charges the cost of a read that was sent for this caller.</summary>
    void Spend(double requestUnits);
}
