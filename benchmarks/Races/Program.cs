// The race of every cache in front of a database: a reader loads a row while the row changes and is invalidated.
// Gates fix the order of the steps, so that each result is deterministic.
using Lookup.Benchmarks.Races;
using Spectre.Console;

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
