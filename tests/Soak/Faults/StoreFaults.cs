using System.Text.Json;
using Lookup.Soak.Fleet;

namespace Lookup.Soak.Faults;

/// <summary>Faults that the endpoint injects into requests of the instances. Writes are excluded, because their outcome must be known.</summary>
internal static class StoreFaults
{
    private static readonly string[] Reads = ["pointRead", "query", "queryPlan", "feedPoll"];
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(0.25);

    /// <summary>Returns 429 in bursts, between which some requests succeed.</summary>
    public static Task<string> ThrottleAsync(FaultContext context) => BurstAsync(
        context, Reads, _ => new { status = 429, substatus = 3200, retryAfterMs = 40 });

    /// <summary>Returns 503, 500, 410 and 449 in bursts.</summary>
    public static Task<string> FailAsync(FaultContext context)
    {
        (int Status, int SubStatus)[] kinds = [(503, 0), (500, 0), (410, 1002), (410, 1008), (449, 0), (408, 0)];
        return BurstAsync(context, Reads, random =>
        {
            var (status, substatus) = kinds[random.Next(kinds.Length)];
            return new { status, substatus };
        });
    }

    /// <summary>Returns 404/1002: the session is not available on any replica.</summary>
    public static Task<string> SessionAsync(FaultContext context) => BurstAsync(
        context, ["pointRead", "query", "feedPoll"], _ => new { status = 404, substatus = 1002 });

    /// <summary>Delays every read by 20 s, which is longer than any deadline.</summary>
    public static async Task<string> StallAsync(FaultContext context)
    {
        foreach (var operation in Reads)
            await AddAsync(context, new { operation, delayMs = 20_000, durationMs = Milliseconds(context.Duration) });
        await context.LastAsync();
        return "";
    }

    /// <summary>Delays responses after the read, so that a change can occur in between: the race that leaves old values in caches.</summary>
    public static async Task<string> LateAsync(FaultContext context)
    {
        var until = SoakClock.Now + context.Duration.Ticks;
        while (SoakClock.Now < until)
        {
            await AddAsync(context, new { operation = "pointRead", delayMs = context.Random.Next(50, 1500), delay = "answer", count = 15, durationMs = 1000 });
            await AddAsync(context, new { operation = "query", delayMs = context.Random.Next(50, 1000), delay = "answer", count = 2, durationMs = 1000 });
            await AddAsync(context, new { operation = "feedPoll", delayMs = context.Random.Next(50, 1000), delay = "answer", count = 2, durationMs = 1000 });
            await context.LastAsync(Beat);
        }

        return "";
    }

    /// <summary>Cuts connections before or in the middle of responses.</summary>
    public static Task<string> DropAsync(FaultContext context, string drop) => BurstAsync(context, Reads, _ => new { drop });

    public static Task<string> LagAsync(FaultContext context) =>
        LagAsync(context, TimeSpan.FromMilliseconds(context.Random.Next(200, 1200)), begun: null);

    /// <param name="context">The context of the fault.</param>
    /// <param name="lag">The greatest lag.</param>
    /// <param name="begun">The callback that is invoked when replicas lag.</param>
    public static async Task<string> LagAsync(FaultContext context, TimeSpan lag, Action? begun)
    {
        context.World.Lags.Set(SoakClock.Now, lag);
        try
        {
            await context.World.Endpoint.TryControlAsync(HttpMethod.Put, "lag", new { maxMs = Milliseconds(lag), seed = context.Random.Next(1000) }, context.Cancelled);
            begun?.Invoke();
            await context.LastAsync();
        }
        finally
        {
            await context.World.Endpoint.TryControlAsync(HttpMethod.Put, "lag", new { maxMs = 0 }, CancellationToken.None);
            context.World.Lags.Set(SoakClock.Now, TimeSpan.Zero);
        }

        return FormattableString.Invariant($"up to {lag.TotalMilliseconds:0} ms");
    }

    public static async Task<string> SplitAsync(FaultContext context)
    {
        const int MostRanges = 16;
        var splits = 0;
        var until = SoakClock.Now + context.Duration.Ticks;
        while (SoakClock.Now < until && splits < 3)
        {
            var ranges = await context.World.Endpoint.RangesAsync(context.Cancelled);
            var body = new { database = "lookup", container = "users", range = ranges[context.Random.Next(ranges.Count)] };
            if (ranges.Count < MostRanges && await context.World.Endpoint.TryControlAsync(HttpMethod.Post, "splits", body, context.Cancelled))
                splits++;
            await context.LastAsync(context.Duration / 3);
        }

        return FormattableString.Invariant($"{splits} splits");
    }

    /// <summary>Fails only the feed; users can be read.</summary>
    public static async Task<string> FeedOutAsync(FaultContext context)
    {
        await AddAsync(context, new { operation = "feedPoll", status = 503, durationMs = Milliseconds(context.Duration) });
        await context.LastAsync();
        return "";
    }

    private static async Task<string> BurstAsync(FaultContext context, string[] operations, Func<Random, object> what)
    {
        var until = SoakClock.Now + context.Duration.Ticks;
        while (SoakClock.Now < until)
        {
            foreach (var operation in operations)
            {
                var rule = JsonSerializer.SerializeToNode(what(context.Random))!.AsObject();
                rule["operation"] = operation;
                rule["count"] = operation == "pointRead" ? 60 : 3;
                rule["durationMs"] = 1000;
                await AddAsync(context, rule);
            }

            await context.LastAsync(Beat);
        }

        return "";
    }

    public static Task<bool> AddAsync(FaultContext context, object rule) =>
        context.World.Endpoint.TryControlAsync(HttpMethod.Post, "faults", rule, context.Cancelled);

    private static int Milliseconds(TimeSpan time) => (int)time.TotalMilliseconds;
}
