// Measures what following the change feed costs and saves: complete services on the local Cosmos DB endpoint, one for each number of feed
// ranges, rate of lookups and number of users, all at the same time and with the same lookups.
using System.CommandLine;
using Lookup.Benchmarks.FeedCost;

var seconds = new Option<int>("--seconds") { Description = "The time that is measured, in seconds: 10 to 3600.", DefaultValueFactory = _ => 60 };
var warmUp = new Option<int>("--warm-up") { Description = "The time before that, in which the caches fill, in seconds: 0 to 3600.", DefaultValueFactory = _ => 30 };
var allowance = new Option<double>("--allowance") { Description = "Lookup__FeedAllowance, in request units per second.", DefaultValueFactory = _ => 2 };
var quick = new Option<bool>("--quick") { Description = "Only the cells with the fewest and the most lookups." };

var root = new RootCommand("Prints the request units of polls and reads beside those of no feed, of fixed polling and of a time to live of 60 s.")
{
    seconds, warmUp, allowance, quick,
};
root.SetAction(async (parsed, cancellationToken) =>
{
    var (time, before) = (parsed.GetValue(seconds), parsed.GetValue(warmUp));
    if (time is < 10 or > 3600 || before is < 0 or > 3600)
    {
        Console.Error.WriteLine($"--seconds is {time} and --warm-up is {before}; they must be 10 to 3600 and 0 to 3600.");
        return 1;
    }

    var plan = new Plan(TimeSpan.FromSeconds(before), TimeSpan.FromSeconds(time), parsed.GetValue(allowance), parsed.GetValue(quick));
    var results = await Measurement.RunAsync(plan, cancellationToken);
    Report.Print(plan, results);
    return results.All(result => result.IsWithinLimit(plan)) ? 0 : 2;
});
return await root.Parse(args).InvokeAsync();
