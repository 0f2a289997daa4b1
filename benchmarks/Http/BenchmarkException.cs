namespace Lookup.Benchmarks.Http;

/// <summary>Why nothing can be measured: a sentence for whoever asked for it.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
