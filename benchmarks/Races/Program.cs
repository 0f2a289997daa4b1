// The race of every cache in front of a database: a reader loads a row while the row changes and is invalidated.
// Gates fix the order of the steps, so that each result is deterministic.
using System.CommandLine;
using Lookup.Benchmarks.Races;
using Lookup.Benchmarks.Races.SharedTier;
using Lookup.Benchmarks.Shared;
using Lookup.Support;
using Spectre.Console;

var trials = new Option<int>("--trials") { Description = "The number of rows of each case: 1 to 10000.", DefaultValueFactory = _ => 200 };
var shared = new Command("shared", "Runs the race in instances that share a redis-server, which must be installed.") { trials };
shared.SetAction(async parsed =>
{
    if (parsed.GetValue(trials) is not (>= 1 and <= 10_000 and var count))
    {
        Console.Error.WriteLine($"--trials is {parsed.GetValue(trials)}; it must be 1 to 10000.");
        return 1;
    }

    if (CacheServer.RedisProblem is { } problem)
    {
        Console.Error.WriteLine(problem);
        return 1;
    }

    var table = new Table().MarkdownBorder().AddColumns("cache, invalidated by", "case", "old value: loader", "other instance", "new instance");
    var lookupHolds = true;
    foreach (var start in SharedContenders.All)
    {
        foreach (var race in await SharedRace.RunAllAsync(start, count))
        {
            Console.Error.WriteLine(race);
            table.AddRow(race.Cache, race.Case, $"{race.OnFirst}", $"{race.OnSecond}", $"{race.OnThird}");
            lookupHolds &= !race.Cache.StartsWith("Lookup", StringComparison.Ordinal) || !race.HasOld;
        }
    }

    AnsiConsole.Profile.Width = 160;
    AnsiConsole.Write(table);
    Console.WriteLine($"Rows of {count} of which the old version is served afterwards.");
    Console.WriteLine(Machine.Describe());
    return lookupHolds ? 0 : 1;
});

var root = new RootCommand("Runs the race in the memory of one process, and prints which caches keep or serve an old value.") { shared };
root.SetAction(async _ =>
{
    var table = new Table().AddColumns("Cache", "Load, change, invalidate, load ends", "The same with a second reader in between");
    var lookupHolds = true;
    foreach (var make in Contenders.All)
    {
        var alone = await Race.RunAsync(make, withSecondReader: false);
        var together = await Race.RunAsync(make, withSecondReader: true);
        table.AddRow(alone.Cache, alone.Verdict, together.Verdict);
        if (alone.Cache.StartsWith("Lookup", StringComparison.Ordinal))
            lookupHolds = alone.IsRight && together.IsRight;
    }

    AnsiConsole.Write(table);
    return lookupHolds ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
