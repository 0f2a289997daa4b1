namespace Lookup.Domain.Feed;

/// <summary>The state of following one feed range.</summary>
/// <param name="Range">The name of the feed range.</param>
/// <param name="Lag">The time since it was last polled to its end, or <see langword="null"/> if it has not been in this epoch.</param>
public readonly record struct FeedRangeState(string Range, TimeSpan? Lag);
