// The service over HTTP beside what it could be at best and what is usually written: whole processes, one load generator, ratios.
using Lookup.Benchmarks.Http;

return await BenchmarkCommand.RunAsync(args);
