namespace Lookup.Functions.Eviction;

/// <summary>The answer to an administrator's eviction.</summary>
/// <param name="Instance">The one instance that has forgotten; others keep what they have until it is stale.</param>
/// <param name="Evicted">What it has forgotten: <c>user</c> or <c>everything</c>.</param>
internal sealed record EvictionReport(string Instance, string Evicted);
