// Measures the store reads caused by a full cache: replays accesses through caches that are too small for all users.
using System.CommandLine;
using Lookup.Benchmarks.HitRatio;
using Lookup.Support;

var traces = new Argument<string[]>("traces")
{
    Description = "Recorded accesses: files of 32-bit big-endian integers, each the key of one access, optionally compressed with gzip. Without files, synthetic accesses are used.",
    Arity = ArgumentArity.ZeroOrMore,
};
var sizes = new Option<int[]>("--sizes")
{
    Description = "The cache sizes, in percent of the users: 1 to 100.",
    DefaultValueFactory = _ => [5, 10, 20, 50],
    AllowMultipleArgumentsPerToken = true,
};
var threads = new Option<int>("--threads") { Description = "The number of concurrent replays.", DefaultValueFactory = _ => Environment.ProcessorCount };
var svg = new Option<string?>("--svg") { Description = "The file for a drawing of the hit ratios.", HelpName = "file" };

var root = new RootCommand("Replays accesses through the service's cache and through others, and prints hit ratios and store reads. The same accesses produce the same figures.")
{
    traces, sizes, threads, svg,
};
root.SetAction(parsed =>
{
    try
    {
        var paths = parsed.GetRequiredValue(traces);
        var parts = parsed.GetRequiredValue(sizes).Distinct().ToArray();
        if (parts.FirstOrDefault(part => part is < 1 or > 100, 1) is not 1 and var wrong)
            throw new ReplayException($"--sizes contains {wrong}; each size must be a percentage from 1 to 100.");
        if (parsed.GetValue(threads) is < 1 and var count)
            throw new ReplayException($"--threads is {count}; it must be at least 1.");

        var results = new List<TraceResult>();
        foreach (var trace in paths.Length > 0 ? paths.Select(Read) : SyntheticTraces.All)
        {
            results.Add(TraceResult.Of(trace, parts, parsed.GetValue(threads)));
            Report.Print(results[^1]);
        }

        if (parsed.GetValue(svg) is { } path)
            Report.Draw(results, path);
        return 0;
    }
    catch (ReplayException exception)
    {
        Console.Error.WriteLine(exception.Message);
        return 1;
    }
});
return root.Parse(args).Invoke();

static AccessTrace Read(string path)
{
    try
    {
        return AccessTrace.Read(path);
    }
    catch (InvalidDataException exception)
    {
        throw new ReplayException(exception.Message);
    }
    catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
    {
        throw new ReplayException($"The trace '{path}' cannot be read: {exception.Message}");
    }
}
