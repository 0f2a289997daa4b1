using System.ComponentModel;

namespace Lookup.Benchmarks.Cache;

/// <summary>What a program keeps in another cache: the bytes to be sent and their entity tag.</summary>
/// <remarks>Marked immutable, so that HybridCache hands out the object itself and neither writes nor reads it as JSON.</remarks>
[ImmutableObject(true)]
public sealed record CachedUser(byte[] Body, string ETag);
