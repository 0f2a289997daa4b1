using Lookup.Benchmarks.Http.Load;

namespace Lookup.Benchmarks.Http;

/// <summary>The measured scenarios.</summary>
internal static class Scenarios
{
    public const string NotModified = "304, 1 KB";
    public const string Batches = "batches, 1 KB";

    public static IEnumerable<Scenario> Of(ContenderProcesses processes, BenchmarkOptions options)
    {
        foreach (var size in processes.Sizes)
        {
            var gets = WrkScript.Of(size.Targets.Select(target => new WrkRequest(target)));
            foreach (var connections in options.Connections)
            {
                List<Contender> contenders =
                [
                    new(Names.Bare, processes.Bare[size], gets),
                    new(Names.Lookup, processes.Lookup, gets),
                    new(Names.Usual, processes.Usual, gets),
                ];
                if (processes.Control.TryGetValue(size, out var control))
                    contenders.Add(new Contender(Names.Control, control, gets));
                if (connections == options.MiddleConnections)
                {
                    contenders.Add(new Contender(Names.Telemetry, processes.Telemetry, gets));
                    if (size == processes.Small)
                        contenders.Add(new Contender(Names.Route, processes.Route, gets));
                }

                yield return new Scenario($"hit, {size.Name}", connections, contenders);
            }
        }

        var conditional = WrkScript.Of(processes.Small.Targets.Zip(processes.ETags, (target, etag) => new WrkRequest(target, IfNoneMatch: etag)));
        yield return new Scenario(
            NotModified,
            options.MiddleConnections,
            [new(Names.Bare, processes.BareNotModified, conditional), new(Names.Lookup, processes.Lookup, conditional)]);

        var single = WrkScript.Of(processes.Small.Targets.Select(target => new WrkRequest(target)));
        var batch = WrkScript.Of([new WrkRequest("/api/users/lookup", Body: processes.Small.BatchRequest)]);
        yield return new Scenario(
            Batches,
            options.MiddleConnections,
            [new(Names.Lookup, processes.Lookup, single), new(Names.Batch, processes.Lookup, batch, processes.Small.Users.Count)]);
    }
}
