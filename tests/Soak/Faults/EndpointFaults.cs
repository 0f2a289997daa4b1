using Lookup.Soak.Fleet;

namespace Lookup.Soak.Faults;

/// <summary>The endpoint as a whole comes and goes.</summary>
internal static class EndpointFaults
{
    /// <summary>The instances need some time to find out that they can reach it again: pauses before the next try, an open circuit.</summary>
    private static readonly TimeSpan Reconnection = TimeSpan.FromSeconds(5);

    /// <summary>It vanishes from the network, and comes back with its data; meanwhile it goes on being written to.</summary>
    public static async Task<string> OutAsync(FaultContext context)
    {
        var world = context.World;
        var probes = new List<OutageProbe>();
        try
        {
            await world.StopClearsAsync(context.Cancelled);

            // What was written a moment ago reaches the instances while they are being prepared: it evicts what they have just read.
            await StoreFaults.AddAsync(context, new { operation = "feedPoll", delayMs = 900, delay = "answer", durationMs = 2000 });
            var prepared = await Task.WhenAll(world.Instances.Select(instance => OutageProbe.PrepareAsync(world, instance, context.Cancelled)));
            probes.AddRange(prepared.OfType<OutageProbe>());

            await world.Endpoint.Door.CutAsync();
            var cutAt = SoakClock.Now;
            await Task.WhenAll(probes.Select(probe => probe.RunAsync(context.Duration, context.Cancelled)));
            return string.Join("; ", probes.Select(probe => probe.Describe(cutAt)));
        }
        finally
        {
            world.Endpoint.Door.Open();
            world.AllowClears();
            probes.ForEach(probe => probe.Dispose());
        }
    }

    /// <summary>
    /// Its process is killed; another one takes its place, with every user written again, before the instances can reach it. To the
    /// service that is a container that was deleted and created again: a gap.
    /// </summary>
    public static async Task<string> RestartAsync(FaultContext context)
    {
        await ReplaceAsync(context);
        context.World.Endpoint.Door.Open();
        return "";
    }

    /// <summary>
    /// As <see cref="RestartAsync"/>, and the replicas of the new container lag: at first the instances may see it as it was before its
    /// users were written. They have no session token yet, so nothing tells them that there is something newer.
    /// </summary>
    public static async Task<string> RestartBehindAsync(FaultContext context)
    {
        var took = await ReplaceAsync(context);
        return await StoreFaults.LagAsync(context, took + Reconnection, context.World.Endpoint.Door.Open);
    }

    /// <summary>Returns how long ago the first of the new container's users was written, at most.</summary>
    private static async Task<TimeSpan> ReplaceAsync(FaultContext context)
    {
        var endpoint = context.World.Endpoint;
        using var paused = await context.World.Writers.PauseAsync(context.Cancelled);
        await endpoint.Door.CutAsync();

        // Until they are written again the users are absent, which cannot be seen with the door closed, but afterwards by a replica that lags.
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

    /// <summary>Its process is killed, and the next one is empty: everybody is gone, until they are written again.</summary>
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
