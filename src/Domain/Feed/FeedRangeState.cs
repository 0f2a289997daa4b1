namespace Lookup.Domain.Feed;

/// <summary>How far one feed range is followed.</summary>
/// <param name="Range">Names the feed range.</param>
/// <param name="Lag">How long ago it was last polled to its end; <see langword="null"/> while it never was in this epoch.</param>
public readonly record struct FeedRangeState(string Range, TimeSpan? Lag);
