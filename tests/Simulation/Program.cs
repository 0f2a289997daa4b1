using System.CommandLine;
using Lookup.Simulation.Commands;
using Lookup.Simulation.Runs;

var seeds = new Option<long>("--seeds") { Description = "How many seeds to run.", DefaultValueFactory = _ => 10_000 };
var from = new Option<ulong>("--from") { Description = "The first of them." };
var threads = new Option<int?>("--threads") { Description = "How many run side by side; as many as there are cores where not said." };
var seed = new Option<ulong?>("--seed") { Description = "Run this one seed." };
var trace = new Option<bool>("--trace") { Description = "Print its every step." };

var root = new RootCommand("Runs the coherence protocol through simulated faults and checks every answer. A run is its seed: the same seed, the same run.")
{
    seeds, from, threads, seed, trace,
};
root.SetAction(parsed =>
{
    return parsed.GetValue(seed) is { } one
        ? SeedCommand.Invoke(one, Variant.AsShipped, parsed.GetValue(trace))
        : SeedsCommand.Invoke(parsed.GetValue(from), parsed.GetValue(seeds), Variant.AsShipped, parsed.GetValue(threads));
});

var tracePath = new Argument<FileInfo>("trace") { Description = "Recorded accesses, such as tests/Simulation/data/web07.trace.gz." };
var svg = new Option<FileInfo?>("--svg") { Description = "Where to draw what the fleet costs." };
var scale = new Command("scale", "Runs a coarse model of a fleet over a recorded trace of accesses.") { tracePath, svg };
scale.SetAction(parsed => ScaleCommand.Invoke(parsed.GetRequiredValue(tracePath).FullName, parsed.GetValue(svg)?.FullName));
root.Subcommands.Add(scale);

return root.Parse(args).Invoke();
