using System.CommandLine;
using Lookup.Simulation.Commands;
using Lookup.Simulation.Mutants;

var mutant = new Option<string?>("--mutant") { Description = "Run only this mutant.", HelpName = "name" };
var seeds = new Option<long>("--seeds") { Description = "The number of seeds to run.", DefaultValueFactory = _ => 10_000 };
var from = new Option<ulong>("--from") { Description = "The first seed." };
var threads = new Option<int?>("--threads") { Description = "The number of seeds that run at the same time; the number of cores if omitted." };
var seed = new Option<ulong?>("--seed") { Description = "Run only this seed." };
var trace = new Option<bool>("--trace") { Description = "Print every step of that seed." };
mutant.AcceptOnlyFromAmong([.. Mutant.All.Select(known => known.Name!)]);

var root = new RootCommand("Runs the simulation with mutants of the coherence protocol, each without one of its rules, until each is caught.")
{
    mutant, seeds, from, threads, seed, trace,
};
root.SetAction(parsed =>
{
    if (parsed.GetValue(mutant) is not { } name)
        return MutantsCommand.Invoke(parsed.GetValue(from), parsed.GetValue(threads));

    var chosen = Mutant.All.Single(known => known.Name == name);
    return parsed.GetValue(seed) is { } one
        ? SeedCommand.Invoke(one, chosen, parsed.GetValue(trace))
        : SeedsCommand.Invoke(parsed.GetValue(from), parsed.GetValue(seeds), chosen, parsed.GetValue(threads));
});

return root.Parse(args).Invoke();
