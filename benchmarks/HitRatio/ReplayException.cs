namespace Lookup.Benchmarks.HitRatio;

/// <summary>The exception that is thrown if a replay cannot run. The message is one sentence for the user.</summary>
internal sealed class ReplayException(string message) : Exception(message);
