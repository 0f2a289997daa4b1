namespace Lookup.Benchmarks.HitRatio;

/// <summary>What was asked for cannot be done; the message is one sentence for whoever asked.</summary>
internal sealed class ReplayException(string message) : Exception(message);
