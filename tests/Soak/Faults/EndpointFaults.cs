using Lookup.Soak.Fleet;

namespace Lookup.Soak.Faults;

/// <summary>Faults of the endpoint as a whole.</summary>
internal static class EndpointFaults
{
    /// <summary>The time that the instances need to detect that they can reach the endpoint again: retry delays, an open circuit.</summary>
    private static readonly TimeSpan Reconnection = TimeSpan.FromSeconds(5);

    /// <summary>Removes the endpoint from the network, and restores it with its data. Writes to it continue in the meantime.</summary>
    public static async Task<string> OutAsync(FaultContext context)
    {
        var world = context.World;
        var probes = new List<OutageProbe>();
        try
        {
            await world.StopClearsAsync(context.Cancelled);

            // Recent writes reach the instances while they are being prepared, and evict users that they have just read.
            await StoreFaults.AddAsync(context, new { operation = "feedPoll", delayMs = 900, delay = "answer", durationMs = 2000 });
            var prepared = await Task.WhenAll(world.Instances.Select(instance => OutageProbe.PrepareAsync(world, instance, context.Cancelled)));
            probes.AddRange(prepared.OfType<OutageProbe>());

            await world.Endpoint.Proxy.CutAsync();
            var cutAt = SoakClock.Now;
            await Task.WhenAll(probes.Select(probe => probe.RunAsync(context.Duration, context.Cancelled)));
            return string.Join("; ", probes.Select(probe => probe.Describe(cutAt)));
        }
        finally
        {
            world.Endpoint.Proxy.Open();
            world.AllowClears();
            probes.ForEach(probe => probe.Dispose());
        }
    }

    /// <summary>
    /// Kills the process and replaces it with another one, in which every user is written again before the instances can reach it. To
    /// the service this is a container that was deleted and recreated: a gap.
    /// </summary>
    public static async Task<string> RestartAsync(FaultContext context)
    {
        await ReplaceAsync(context);
        context.World.Endpoint.Proxy.Open();
        return "";
    }

    /// <summary>
    /// Like <see cref="RestartAsync"/>, but the replicas of the new container lag: at first the instances may see its state from before
    /// its users were written. They have no session token yet, so they cannot detect that a newer state exists.
    /// </summary>
    public static async Task<string> RestartBehindAsync(FaultContext context)
    {
        var took = await ReplaceAsync(context);
        return await StoreFaults.LagAsync(context, took + Reconnection, context.World.Endpoint.Proxy.Open);
    }

    /// <summary>Replaces the process, and returns an upper bound for the age of the first user written to the new container.</summary>
    private static async Task<TimeSpan> ReplaceAsync(FaultContext context)
    {
        var endpoint = context.World.Endpoint;
        using var paused = await context.World.Writers.PauseAsync(context.Cancelled);
        await endpoint.Proxy.CutAsync();

        // Until they are written again, the users are absent. That is not visible while the forwarder refuses connections, but a lagging
        // replica may show it afterwards.
        var areLost = context.World.Writers.BeginLosingAll();
        await endpoint.KillAsync();
        await context.LastAsync();
        await endpoint.StartProcessAsync(context.Cancelled);
        var began = SoakClock.Now;
        await endpoint.CreateContainerAsync(context.Cancelled);
        areLost();
        await context.World.Writers.WriteAllAsync(context.Cancelled);
        return TimeSpan.FromTicks(SoakClock.Now - began);
    }

    /// <summary>Kills the process and starts an empty one: all users are absent until they are written again.</summary>
    public static async Task<string> EmptyAsync(FaultContext context)
    {
        var endpoint = context.World.Endpoint;
        using var paused = await context.World.Writers.PauseAsync(context.Cancelled);
        var canBeSeen = context.World.Writers.BeginLosingAll();
        await endpoint.KillAsync();
        await endpoint.StartProcessAsync(context.Cancelled);
        await endpoint.CreateContainerAsync(context.Cancelled);
        canBeSeen();
        await context.LastAsync();
        await context.World.Writers.WriteAllAsync(context.Cancelled);
        return "";
    }
}
