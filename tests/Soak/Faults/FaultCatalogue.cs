namespace Lookup.Soak.Faults;

/// <summary>The catalog of all faults.</summary>
internal static class FaultCatalogue
{
    public static readonly IReadOnlyList<Fault> All =
    [
        new("throttled", 6, StoreFaults.ThrottleAsync) { TroublesStore = true },
        new("errors", 6, StoreFaults.FailAsync) { TroublesStore = true },
        new("session-behind", 6, StoreFaults.SessionAsync) { TroublesStore = true, LosesSession = true },
        new("stalls", 12, StoreFaults.StallAsync) { TroublesStore = true },
        new("late-answers", 8, StoreFaults.LateAsync) { TroublesStore = true },
        new("dropped-before", 5, context => StoreFaults.DropAsync(context, "before")) { TroublesStore = true },
        new("dropped-inside", 5, context => StoreFaults.DropAsync(context, "during")) { TroublesStore = true },
        new("replica-lag", 8, StoreFaults.LagAsync) { TroublesStore = true, MakesLag = true },
        new("splits", 5, StoreFaults.SplitAsync) { TroublesStore = true, NeedsEndpoint = true },
        new("feed-out", 10, StoreFaults.FeedOutAsync) { TroublesStore = true },
        new("endpoint-out", 12, EndpointFaults.OutAsync) { TroublesStore = true, NeedsEndpoint = true },
        new("endpoint-restarted", 5, EndpointFaults.RestartAsync) { TroublesStore = true, NeedsEndpoint = true },
        new("endpoint-restarted-behind", 5, EndpointFaults.RestartBehindAsync) { TroublesStore = true, NeedsEndpoint = true, MakesLag = true },
        new("endpoint-emptied", 8, EndpointFaults.EmptyAsync) { TroublesStore = true, NeedsEndpoint = true },
        new("frozen", 10, InstanceFaults.FreezeAsync),
        new("frozen-long", 60, InstanceFaults.FreezeAsync),
        new("killed", 4, InstanceFaults.KillAsync),
        new("restarted", 2, InstanceFaults.RestartAsync),
        new("clock-forward", 5, context => InstanceFaults.MoveClockAsync(context, 300)),
        new("clock-back", 5, context => InstanceFaults.MoveClockAsync(context, -300)),
        new("connections", 5, ClientFaults.ConnectAsync),
        new("slow-loris", 12, ClientFaults.CrawlAsync),
        new("vanishing-clients", 5, ClientFaults.VanishAsync),
        new("small-memory", 60, MemoryFault.RunAsync),
    ];

    /// <exception cref="ArgumentException">A name is not the name of a fault.</exception>
    public static IReadOnlyList<Fault> Named(IEnumerable<string> names) =>
    [
        .. names.Select(name => All.FirstOrDefault(fault => fault.Name == name)
            ?? throw new ArgumentException($"'{name}' is not the name of a fault. Valid names: {string.Join(", ", All.Select(fault => fault.Name))}.")),
    ];
}
