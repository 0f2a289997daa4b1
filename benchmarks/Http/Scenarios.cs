using Lookup.Benchmarks.Http.Load;

namespace Lookup.Benchmarks.Http;

/// <summary>The measured scenarios.</summary>
internal static class Scenarios
{
    public const string NotModified = "304, 1 KB";
    public const string Batches = "batches, 1 KB";

    public static IEnumerable<Scenario> Of(Field field, BenchmarkOptions options)
    {
        foreach (var size in field.Sizes)
        {
            var gets = WrkScript.Of(size.Targets.Select(target => new WrkRequest(target)));
            foreach (var connections in options.Connections)
            {
                List<Contender> contenders =
                [
                    new(Names.Bare, field.Bare[size], gets),
                    new(Names.Lookup, field.Lookup, gets),
                    new(Names.Usual, field.Usual, gets),
                ];
                if (field.Control.TryGetValue(size, out var control))
                    contenders.Add(new Contender(Names.Control, control, gets));
                if (connections == options.MiddleConnections)
                {
                    contenders.Add(new Contender(Names.Telemetry, field.Telemetry, gets));
                    if (size == field.Small)
                        contenders.Add(new Contender(Names.Route, field.Route, gets));
                }

                yield return new Scenario($"hit, {size.Name}", connections, contenders);
            }
        }

        var conditional = WrkScript.Of(field.Small.Targets.Zip(field.ETags, (target, etag) => new WrkRequest(target, IfNoneMatch: etag)));
        yield return new Scenario(
            NotModified,
            options.MiddleConnections,
            [new(Names.Bare, field.BareNotModified, conditional), new(Names.Lookup, field.Lookup, conditional)]);

        var single = WrkScript.Of(field.Small.Targets.Select(target => new WrkRequest(target)));
        var batch = WrkScript.Of([new WrkRequest("/api/users/lookup", Body: field.Small.BatchRequest)]);
        yield return new Scenario(
            Batches,
            options.MiddleConnections,
            [new(Names.Lookup, field.Lookup, single), new(Names.Batch, field.Lookup, batch, field.Small.Users.Count)]);
    }
}
