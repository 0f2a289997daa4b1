// Compares the service over HTTP with a bare endpoint and a cache-aside sample: whole processes, one load generator, ratios.
using Lookup.Benchmarks.Http;

return await BenchmarkCommand.RunAsync(args);
