namespace Lookup.Domain.Diagnostics;

/// <summary>The average charge of one kind of operation, in request units.</summary>
/// <param name="initial">The value as long as no operation has completed.</param>
internal sealed class AverageCharge(double initial)
{
    private readonly RequestUnitCounter _charge = new();
    private readonly StripedCounter _count = new();

    /// <summary>Gets the sum of all charges.</summary>
    public double Total => _charge.Total;

    /// <summary>Gets the average.</summary>
    public double Value => _count.Total is var count and > 0 ? _charge.Total / count : initial;

    public void Add(double requestUnits, int count = 1)
    {
        _charge.Add(requestUnits);
        _count.Add(count);
    }
}
