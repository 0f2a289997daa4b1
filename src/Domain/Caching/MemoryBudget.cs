namespace Lookup.Domain.Caching;

/// <summary>How the configured size is shared out, so that entries, fences and reads under way together stay within it.</summary>
/// <param name="EntryBytes">For users, unknown ids and hints.</param>
/// <param name="FloorsPerStripe">Fences, in each stripe.</param>
/// <param name="Flights">Reads under way at the same time.</param>
/// <param name="Stripes">Locks that the keys are spread over; a power of two.</param>
internal sealed record MemoryBudget(long EntryBytes, int FloorsPerStripe, int Flights, int Stripes)
{
    private const int Share = 16; // fences may take a sixteenth, flights another
    private const int BytesPerFloor = 256;
    private const int BytesPerFlight = 4096;
    private const int FewestFlights = 64;
    private const int MostFloors = 1 << 16;

    public static MemoryBudget Of(long sizeBytes, int? stripes = null)
    {
        var spread = stripes ?? (sizeBytes < 16L << 20 ? 16 : 128);
        var floors = Math.Min(MostFloors, sizeBytes / Share / BytesPerFloor);
        var flights = Math.Clamp(sizeBytes / Share / BytesPerFlight, FewestFlights, int.MaxValue);
        return new MemoryBudget(sizeBytes / Share * (Share - 2), (int)Math.Max(1, floors / spread), (int)flights, spread);
    }
}
