namespace Lookup.Soak.Churn;

/// <summary>What one process had at one moment.</summary>
/// <param name="At">When, in ticks.</param>
/// <param name="ResidentBytes">Memory in use.</param>
/// <param name="Handles">Open files and sockets.</param>
/// <param name="Threads">Threads.</param>
/// <param name="CacheBytes">What the cache says that it holds.</param>
/// <param name="Fences">Users that the cache protects after an eviction.</param>
/// <param name="Flights">Reads under way.</param>
internal readonly record struct Sample(long At, long ResidentBytes, int Handles, int Threads, long CacheBytes, long Fences, long Flights);
