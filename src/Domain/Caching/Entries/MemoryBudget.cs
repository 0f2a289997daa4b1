namespace Lookup.Domain.Caching.Entries;

/// <summary>How the configured size is shared out, so that entries, fences and reads under way together stay within it.</summary>
/// <param name="EntryBytes">For users, unknown ids and hints.</param>
/// <param name="MinimumLsnsPerStripe">Fences, in each stripe.</param>
/// <param name="Flights">Places for reads under way at the same time: a read of one user takes one.</param>
/// <param name="Stripes">Locks that the keys are spread over; a power of two.</param>
internal sealed record MemoryBudget(long EntryBytes, int MinimumLsnsPerStripe, int Flights, int Stripes)
{
    private const int Share = 16; // fences may take a sixteenth, flights another
    private const int BytesPerMinimumLsn = 256;
    private const int BytesPerFlight = 4096;
    private const int MinFlights = 64;
    private const int MaxMinimumLsns = 1 << 16;
    private const int FlightsPerPlace = 8; // a flight alone takes no more than that, without the read that it shares

    /// <summary>How many of the flights that share a read may be read alone at the same time, where they must be.</summary>
    public const int ReadsAlone = 16;

    /// <summary>The places that shared reads may take together; the others are for reads of one user.</summary>
    public int SharedPlaces => Math.Max(1, Flights / 2);

    /// <summary>The most users in one shared read; for more there are several, one after the other.</summary>
    public int MaxUsersPerRead => Math.Max(FlightsPerPlace, SharedPlaces / 2 * FlightsPerPlace);

    /// <summary>The places that one shared read takes: for its users, for itself, and for those of them who must be read alone.</summary>
    public int PlacesFor(int users) => users == 1 ? 1 : Math.Min(SharedPlaces, (users + FlightsPerPlace - 1) / FlightsPerPlace + 1 + ReadsAlone);

    public static MemoryBudget FromTotal(long sizeBytes, int? stripes = null)
    {
        var spread = stripes ?? (sizeBytes < 16L << 20 ? 16 : 128);
        var minimumLsns = Math.Min(MaxMinimumLsns, sizeBytes / Share / BytesPerMinimumLsn);
        var flights = Math.Clamp(sizeBytes / Share / BytesPerFlight, MinFlights, int.MaxValue);
        return new MemoryBudget(sizeBytes / Share * (Share - 2), (int)Math.Max(1, minimumLsns / spread), (int)flights, spread);
    }
}
