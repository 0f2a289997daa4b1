namespace Lookup.Domain.Changes;

/// <summary>A place in the change feed of one feed range. Opaque outside the feed that gave it.</summary>
/// <param name="Range">Names the feed range, for people and metrics.</param>
/// <param name="Token">The feed's own words for the place.</param>
public sealed record FeedPosition(string Range, string Token);
