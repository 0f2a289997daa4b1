namespace Lookup.Domain.Feed;

/// <summary>
/// A position in the change feed of one feed range, or of one part of a range that has split. It is opaque except to the feed that
/// issued it.
/// </summary>
/// <param name="Range">The name of the feed range or the part, for display and metrics.</param>
/// <param name="Token">The position in the format of the feed.</param>
/// <param name="Log">
/// The number of the log that contains the position. The first log is 1, and a recreated container has another log. Nothing known about
/// one log, in particular its log sequence numbers, applies to another.
/// </param>
public sealed record FeedPosition(string Range, string Token, long Log = 1);
