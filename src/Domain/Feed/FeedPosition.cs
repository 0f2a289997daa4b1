namespace Lookup.Domain.Feed;

/// <summary>A place in the change feed of one feed range, or of one part of a range that has split. Opaque outside the feed that gave it.</summary>
/// <param name="Range">Names the feed range or the part, for people and metrics.</param>
/// <param name="Token">The feed's own words for the place.</param>
/// <param name="Log">
/// Which log the place is in, of those that the feed has had: the first is 1, and a container that was made anew has another one.
/// What is known of one log, above all its sequence numbers, says nothing about the next.
/// </param>
public sealed record FeedPosition(string Range, string Token, long Log = 1);
