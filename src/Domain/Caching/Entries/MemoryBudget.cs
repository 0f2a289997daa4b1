namespace Lookup.Domain.Caching.Entries;

/// <summary>
/// The division of the configured size, so that entries, known LSNs, reads in flight and responses together stay within it, but reads and
/// responses get at least 16 MiB each.
/// </summary>
/// <param name="EntryBytes">The size of users, unknown ids and hints, in bytes.</param>
/// <param name="LsnElements">The number of elements for the known LSNs of all partitions.</param>
/// <param name="Flights">The number of places for reads in flight. A read of one user takes one place.</param>
/// <param name="Stripes">The number of locks for the keys; a power of two.</param>
internal sealed record MemoryBudget(long EntryBytes, int LsnElements, int Flights, int Stripes)
{
    private const int Share = 16; // known LSNs take one sixteenth, as do flights, the users that are being read, and those held for responses
    private const long MinBytesInFlight = 16 << 20;
    private const long MinResult = 64 << 20;
    private const int BytesPerLsn = 8;
    private const int BytesPerFlight = 4096;
    private const int MinFlights = 64;
    private const int MaxLsns = 1 << 20;
    private const int FlightsPerPlace = 8; // the size of a flight without its shared read is at most this fraction of a place

    /// <summary>The maximum number of flights of a shared read that are read alone at the same time, if they must be.</summary>
    public const int ReadsAlone = 16;

    /// <summary>
    /// Gets the size of the users that are being read at the same time, with the memory of their reads, in bytes. It is at least 16 MiB, even
    /// if the cache is small: the read of one user of 2 MiB, the maximum, takes several times its size.
    /// </summary>
    public long ReadBytes { get; init; } = MinBytesInFlight;

    /// <summary>Gets the size of the users that are held for responses, in bytes; at least 16 MiB.</summary>
    public long ResponseBytes { get; init; } = MinBytesInFlight;

    /// <summary>Gets the maximum size of the users in one result, in bytes; at least 64 MiB.</summary>
    public long MaxResultBytes { get; init; } = MinResult;

    /// <summary>Gets the estimated size of a user as long as none was read, in bytes.</summary>
    /// <value>The default is 512 KiB, a quarter of the maximum: a first batch is read in small parts until the true sizes are known.</value>
    public int InitialUserBytes { get; init; } = 512 << 10;

    /// <summary>Gets the number of places that all shared reads may take together. The others are for reads of one user.</summary>
    public int SharedPlaces => Math.Max(1, Flights / 2);

    /// <summary>Gets the maximum number of users in one shared read. More users are read by several reads, one after the other.</summary>
    public int MaxUsersPerRead => Math.Max(FlightsPerPlace, SharedPlaces / 2 * FlightsPerPlace);

    /// <summary>Returns the number of places that a read takes: for its users, for itself, and for users that must be read alone.</summary>
    public int PlacesFor(int users) => users == 1 ? 1 : Math.Min(SharedPlaces, (users + FlightsPerPlace - 1) / FlightsPerPlace + 1 + ReadsAlone);

    public static MemoryBudget FromTotal(long sizeBytes, int? stripes = null)
    {
        var spread = stripes ?? (sizeBytes < 16L << 20 ? 16 : 128);
        var lsns = Math.Min(MaxLsns, sizeBytes / Share / BytesPerLsn);
        var flights = Math.Clamp(sizeBytes / Share / BytesPerFlight, MinFlights, int.MaxValue);
        return new MemoryBudget(sizeBytes / Share * (Share - 4), (int)lsns, (int)flights, spread)
        {
            ReadBytes = Math.Max(MinBytesInFlight, sizeBytes / Share),
            ResponseBytes = Math.Max(MinBytesInFlight, sizeBytes / Share),
            MaxResultBytes = Math.Max(MinResult, sizeBytes / 2),
        };
    }
}
