// The race that every cache in front of a database meets: a reader loads while the row changes and is invalidated.
// Held by gates, so each line is what happens every time, not what may happen.
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
