using Lookup.Soak.Fleet;

namespace Lookup.Soak.Faults;

/// <summary>A fault that requests 200,000 users from an instance that is limited to 128 MB. It runs in a separate world.</summary>
internal static class MemoryFault
{
    private const int Users = 200_000;

    /// <summary>The number of users in a short run, which is too short to request all 200,000.</summary>
    private const int UsersInShort = 5_000;

    public static async Task<string> RunAsync(FaultContext context)
    {
        var isShort = context.Duration < TimeSpan.FromSeconds(30);
        var plan = context.World.Plan with
        {
            Instances = 1,
            Users = isShort ? UsersInShort : Users,
            Findable = 0,
            Rate = 1500,
            WritesPerSecond = 50,
            Longest = context.Duration + TimeSpan.FromMinutes(2),
            Settings = [("DOTNET_GCHeapHardLimit", "0x8000000"), ("Lookup__CacheSizeBytes", isShort ? "1048576" : "33554432")],
        };
        var world = await World.StartAsync(plan, context.World.Programs, context.Cancelled);
        await using (world)
        {
            world.FaultNow = "small-memory";
            world.Begin();
            var resident = 0L;
            var entries = 0L;
            var until = SoakClock.Now + context.Duration.Ticks;
            while (SoakClock.Now < until)
            {
                await context.LastAsync(TimeSpan.FromSeconds(0.5));
                resident = Math.Max(resident, ProcessVitals.Of(world.Instances[0].ProcessId)?.ResidentBytes ?? 0);
                using var statistics = await world.Instances[0].StatisticsAsync(context.Cancelled);
                entries = statistics?.RootElement.GetProperty("cache").GetProperty("entries").GetInt64() ?? entries;
            }

            await world.StopAsync();
            context.World.Adopt(world);
            return FormattableString.Invariant($"{plan.Users} users, {entries} cached, {resident >> 20} MiB resident at most, {world.Tally.Total} responses");
        }
    }
}
