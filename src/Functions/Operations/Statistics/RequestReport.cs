namespace Lookup.Functions.Operations.Statistics;

/// <summary>How many requests ended in one way.</summary>
/// <param name="Function"><c>GetUser</c>, <c>FindUsers</c> or <c>LookupUsers</c>.</param>
/// <param name="Outcome">
/// <c>hit</c>, <c>miss</c>, <c>stale</c>, <c>requested</c>, <c>revalidated</c>, <c>collapsed</c>, <c>servedStale</c>, <c>notCached</c> or
/// <c>error</c>: each request has one.
/// </param>
/// <param name="Count">Since the start.</param>
internal sealed record RequestReport(string Function, string Outcome, long Count);
