namespace Lookup.Domain.Diagnostics;

/// <summary>The average charge of one kind of operation, in request units.</summary>
/// <param name="initial">The value as long as no operation has completed.</param>
internal sealed class AverageCharge(double initial)
{
    private const double Scale = 1000; // charges have two decimals; they are summed in thousandths

    private readonly StripedCounter _charge = new();
    private readonly StripedCounter _count = new();

    public double Value => _count.Total is var count and > 0 ? _charge.Total / Scale / count : initial;

    public void Add(double requestUnits, int count = 1)
    {
        _charge.Add((long)(requestUnits * Scale));
        _count.Add(count);
    }
}
