using System.CommandLine;
using Lookup.Simulation.Commands;
using Lookup.Simulation.Runs;

var seeds = new Option<long>("--seeds") { Description = "The number of seeds to run.", DefaultValueFactory = _ => 10_000 };
var from = new Option<ulong>("--from") { Description = "The first seed." };
var threads = new Option<int?>("--threads") { Description = "The number of seeds that run at the same time; the number of cores if omitted." };
var seed = new Option<ulong?>("--seed") { Description = "Run only this seed." };
var trace = new Option<bool>("--trace") { Description = "Print every step of that seed." };

var root = new RootCommand("Runs the coherence protocol under simulated faults and checks every result. A run is determined by its seed.")
{
    seeds, from, threads, seed, trace,
};
root.SetAction(parsed =>
{
    return parsed.GetValue(seed) is { } one
        ? SeedCommand.Invoke(one, Variant.AsShipped, parsed.GetValue(trace))
        : SeedsCommand.Invoke(parsed.GetValue(from), parsed.GetValue(seeds), Variant.AsShipped, parsed.GetValue(threads));
});

var tracePath = new Argument<FileInfo>("trace") { Description = "The file of recorded accesses, such as tests/Simulation/data/web07.trace.gz." };
var svg = new Option<FileInfo?>("--svg") { Description = "The file for a plot of the cost of the fleet." };
var scale = new Command("scale", "Runs a coarse model of a fleet with a recorded trace of accesses.") { tracePath, svg };
scale.SetAction(parsed => ScaleCommand.Invoke(parsed.GetRequiredValue(tracePath).FullName, parsed.GetValue(svg)?.FullName));
root.Subcommands.Add(scale);

return root.Parse(args).Invoke();
