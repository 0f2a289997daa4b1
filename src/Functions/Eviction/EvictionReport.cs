namespace Lookup.Functions.Eviction;

/// <summary>The response to an eviction by an administrator.</summary>
/// <param name="Instance">The name of the instance that evicted the users. Other instances keep their cached users until these are stale.</param>
/// <param name="Evicted">The scope of the eviction: <c>user</c> or <c>everything</c>.</param>
internal sealed record EvictionReport(string Instance, string Evicted);
