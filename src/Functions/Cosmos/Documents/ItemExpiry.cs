namespace Lookup.Functions.Cosmos.Documents;

/// <summary>The rule by which Cosmos DB stops returning an item: <c>ttl</c> seconds after <c>_ts</c>, by its own clock.</summary>
/// <param name="ContainerDefault">
/// The default of the container in seconds: -1 if only items with their own value expire, or <see langword="null"/> if none does.
/// </param>
/// <param name="IsKnown">
/// <see langword="false"/> if the definition of the container could not be read. Then an item's own value counts, unless the store has returned
/// the item after its time to live.
/// </param>
internal readonly record struct ItemExpiry(long? ContainerDefault, bool IsKnown)
{
    /// <summary>
    /// The <c>Date</c> header and <c>_ts</c> are in whole seconds, and a server may compute the header only once a second, so their difference can
    /// be wrong by this much.
    /// </summary>
    private static readonly TimeSpan ClockError = TimeSpan.FromSeconds(2);

    private const long MaxTimestamp = 253402300799; // the end of the year 9999

    /// <summary>The rule if nothing is known about the container.</summary>
    public static ItemExpiry Unknown => new(-1, IsKnown: false);

    /// <summary>
    /// Gets the rule for items that may be older than the time of the response: those of several responses, of which only the time of the last
    /// one is known, and those of the change feed. That such an item was returned does not show that it does not expire.
    /// </summary>
    public ItemExpiry WithoutConclusion => this with { IsKnown = true };

    /// <summary>Returns how long, from the time at which the request was sent, Cosmos DB still returns the item.</summary>
    /// <param name="timestamp">The time of the item's last write (<c>_ts</c>), in seconds since 1970.</param>
    /// <param name="ownTimeToLive">The item's own value (<c>ttl</c>), if it has one.</param>
    /// <param name="respondedAt">The time of the response by Cosmos DB's clock.</param>
    /// <returns>The time, rounded down to be safe, or <see langword="null"/> if the item does not expire.</returns>
    public TimeSpan? Left(long timestamp, int? ownTimeToLive, DateTimeOffset respondedAt)
    {
        if (ContainerDefault is not { } fallback || (ownTimeToLive ?? fallback) is not (var seconds and > 0))
            return null;

        // By subtraction, because the sum can be later than the last date.
        var left = TimeSpan.FromSeconds(seconds) - (respondedAt - DateTimeOffset.UnixEpoch - TimeSpan.FromSeconds(Math.Clamp(timestamp, 0, MaxTimestamp))) - ClockError;
        if (!IsKnown && left < -ClockError)
            return null; // the store does not expire it
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
