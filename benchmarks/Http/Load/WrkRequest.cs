namespace Lookup.Benchmarks.Http.Load;

/// <summary>One request of a load.</summary>
internal sealed record WrkRequest(string Target, string? IfNoneMatch = null, string? Body = null);
