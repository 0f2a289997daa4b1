namespace Lookup.Soak.Checking;

/// <summary>How an instance is set up, as far as what it promises depends on it.</summary>
/// <param name="MaxStaleness">The bound.</param>
/// <param name="MaxUnseenDelete">Where its feed shows no deletes: the bound for those; null where it does.</param>
internal sealed record Promises(TimeSpan MaxStaleness, TimeSpan? MaxUnseenDelete);
