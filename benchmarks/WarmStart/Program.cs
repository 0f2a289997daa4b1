// Measures what an instance that starts reads from the store: without a shared tier, with one, and with one that contains snapshots of the feed.
// The store is the local Cosmos DB endpoint, and the tier a redis-server on the loopback address.
using System.CommandLine;
using Lookup.Benchmarks.WarmStart;
using Lookup.Support;

var warmUp = new Option<int>("--warm-up") { Description = "The time before the start, in seconds: 30 to 3600.", DefaultValueFactory = _ => 60 };
var seconds = new Option<int>("--seconds") { Description = "The time that is measured from the start, in seconds: 20 to 600.", DefaultValueFactory = _ => 60 };
var lookups = new Option<int>("--lookups") { Description = "Lookups per second of all instances together: 10 to 2000.", DefaultValueFactory = _ => 500 };
var changes = new Option<int>("--changes") { Description = "Changes per second: 0 to 1000.", DefaultValueFactory = _ => 5 };
var feedMode = new Option<string>("--feed-mode") { Description = "Lookup__FeedMode.", DefaultValueFactory = _ => "LatestVersion" };
feedMode.AcceptOnlyFromAmong("LatestVersion", "AllVersionsAndDeletes");
var svg = new Option<string?>("--svg") { Description = "The file for a drawing.", HelpName = "file" };

var root = new RootCommand("Starts a fourth instance beside three that are warm, and prints the reads of the store of its first minute.")
{
    warmUp, seconds, lookups, changes, feedMode, svg,
};
root.SetAction(async (parsed, cancellationToken) =>
{
    var plan = new Plan(
        TimeSpan.FromSeconds(parsed.GetValue(warmUp)),
        TimeSpan.FromSeconds(parsed.GetValue(seconds)),
        parsed.GetValue(lookups),
        parsed.GetValue(changes),
        parsed.GetRequiredValue(feedMode));
    if ((plan.Problem ?? CacheServer.RedisProblem) is { } problem)
    {
        Console.Error.WriteLine(problem);
        return 1;
    }

    var results = new List<StartResult>();
    foreach (var variant in Plan.Variants)
    {
        Console.Error.WriteLine($"{variant.Name}: writes {Plan.Users} users, and starts {Plan.WarmInstances} instances.");
        await using var fleet = await Fleet.StartAsync(variant, plan, cancellationToken);
        results.Add(await fleet.RunAsync(cancellationToken));
    }

    Report.Print(plan, results);
    if (parsed.GetValue(svg) is { } path)
        await File.WriteAllTextAsync(path, Plot.ToSvg(results), cancellationToken);
    return Report.IsAimMet(results) ? 0 : 2;
});
return await root.Parse(args).InvokeAsync();
