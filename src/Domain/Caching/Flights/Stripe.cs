namespace Lookup.Domain.Caching.Flights;

/// <summary>One of the locks for the keys, and the flights that are attached to its keys.</summary>
/// <remarks>
/// Two operations are atomic under this lock: an eviction (raise the known LSN, detach the flight, then remove the entry), and storing the
/// result of a completed flight, together with the check that it is not behind.
/// </remarks>
internal sealed class Stripe
{
    public Lock Gate { get; } = new();

    public Dictionary<string, Flight> Flights { get; } = new(StringComparer.Ordinal);
}
