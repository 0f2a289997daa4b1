namespace Lookup.Domain.Diagnostics;

/// <summary>A sum of charges, in request units, to which all cores can add.</summary>
public sealed class RequestUnitCounter
{
    private const double Scale = 1000; // charges have two decimals; they are summed in thousandths

    private readonly StripedCounter _thousandths = new();

    /// <summary>Gets the sum.</summary>
    public double Total => _thousandths.Total / Scale;

    /// <summary>Adds a charge.</summary>
    public void Add(double requestUnits) => _thousandths.Add((long)(requestUnits * Scale));
}
