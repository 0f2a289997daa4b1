using System.Globalization;

namespace Lookup.Soak.Fleet;

/// <summary>The environment of an instance in a world.</summary>
internal static class ServiceSettings
{
    private const string TimeLibrary = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    /// <summary>Gets a value that indicates whether the library that moves the clock of a process is installed (Debian: faketime).</summary>
    public static bool CanMoveClocks => File.Exists(TimeLibrary);

    /// <summary>Returns the path of the file that contains the offset of an instance's clock.</summary>
    public static string ClockFileOf(Programs programs, int number) => Path.Combine(programs.Scratch, $"clock-{number}");

    /// <summary>Returns the instance whose wall clock can be moved.</summary>
    public static int InstanceWithClock(WorldPlan plan) => plan.Instances > 1 ? 1 : 0;

    public static IEnumerable<(string Name, string? Value)> Of(World world, int number)
    {
        var plan = world.Plan;
        yield return ("CosmosConnection", world.Endpoint.ConnectionString);
        yield return ("Lookup__ConnectionMode", "Gateway");
        yield return ("Lookup__MaxStaleness", Text(plan.MaxStaleness));
        yield return ("Lookup__PollInterval", Text(plan.PollInterval));
        yield return ("Lookup__FeedMode", plan.HidesDeletes(number) ? "LatestVersion" : "AllVersionsAndDeletes");
        yield return ("Lookup__MaxUnseenDelete", Text(plan.MaxUnseenDelete));
        yield return ("Lookup__CacheSizeBytes", "67108864");
        yield return ("Logging__LogLevel__Default", "Warning");
        if (CanMoveClocks && number == InstanceWithClock(plan))
        {
            var file = ClockFileOf(world.Programs, number);
            File.WriteAllText(file, "+0");
            yield return ("LD_PRELOAD", TimeLibrary);
            yield return ("FAKETIME_TIMESTAMP_FILE", file);
            yield return ("FAKETIME_CACHE_DURATION", "1");
            yield return ("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }

        foreach (var setting in plan.Settings)
            yield return setting;
    }

    private static string Text(TimeSpan time) => time.ToString("c", CultureInfo.InvariantCulture);
}
