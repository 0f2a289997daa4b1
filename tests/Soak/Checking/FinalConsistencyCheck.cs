using System.Net;
using System.Text;
using Lookup.Soak.Fleet;

namespace Lookup.Soak.Checking;

/// <summary>The final check: after all writes and faults, every instance must return the newest version of every user.</summary>
internal static class FinalConsistencyCheck
{
    private const int BatchSize = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CoarseNow = TimeSpan.FromMilliseconds(100);

    public static async Task RunAsync(World world, CancellationToken cancelled)
    {
        // The last write must also be older than the bound of the feed that shows no deletes.
        await Task.Delay(world.Plan.MaxUnseenDelete + TimeSpan.FromSeconds(1), TimeProvider.System, cancelled);
        foreach (var instance in world.Instances)
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{instance.Port}"), Timeout = TimeSpan.FromSeconds(60) };
            for (var first = 0; first < world.Users.Count; first += BatchSize)
                await LookAsync(world, instance, http, first, Math.Min(BatchSize, world.Users.Count - first), cancelled);
        }
    }

    private static async Task LookAsync(World world, ServiceInstance instance, HttpClient http, int first, int count, CancellationToken cancelled)
    {
        var ids = string.Join(',', Enumerable.Range(first, count).Select(user => $"\"{world.Users.Ids[user]}\""));
        using var content = new StringContent($"{{\"ids\":[{ids}]}}", Encoding.UTF8, "application/json");
        byte[] bytes;
        for (var began = SoakClock.Now; ; await Task.Delay(CoarseNow, TimeProvider.System, cancelled))
        {
            // On a busy machine a batch read may miss its deadline, and the circuit then rejects reads for a while: 503.
            using var response = await http.PostAsync(new Uri("/api/users/lookup", UriKind.Relative), content, cancelled);
            bytes = await response.Content.ReadAsByteArrayAsync(cancelled);
            if (response.IsSuccessStatusCode)
                break;
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || SoakClock.Now - began > Patience.Ticks)
            {
                world.Report(new Violation("recovery", $"After all faults and writes have ended, instance {instance.Number} returns {(int)response.StatusCode}: {Encoding.UTF8.GetString(bytes)}"));
                return;
            }
        }

        var seen = new Dictionary<int, int>();
        ReadOnlySpan<byte> body = bytes;
        while (BodyScan.TryTakeUser(ref body, out var user, out var version, out _))
            seen[user] = version;
        for (var user = first; user < first + count; user++)
        {
            var history = world.Users.Histories[user];
            var newest = history.IsAbsent(history.Newest) ? 0 : history.Newest;

            // A write that was in flight when the writers were stopped may or may not have been applied.
            var isKnown = history.AcknowledgedAt(history.Newest) != UserHistory.Never;
            if (isKnown && seen.GetValueOrDefault(user) != newest)
                world.Report(new Violation("recovery", $"After all faults and writes have ended, instance {instance.Number} returns version {seen.GetValueOrDefault(user)} of {world.Users.Ids[user]}; the newest is {newest} (0: absent)."));
        }
    }
}
