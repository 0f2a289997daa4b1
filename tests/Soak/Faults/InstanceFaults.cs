using System.Globalization;
using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;

namespace Lookup.Soak.Faults;

/// <summary>What happens to an instance's process.</summary>
internal static class InstanceFaults
{
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(45);

    /// <summary>SIGSTOP and SIGCONT; requests that wait in its sockets until then are answered afterwards, and not with what was fresh before.</summary>
    public static async Task<string> FreezeAsync(FaultContext context)
    {
        var (instance, taken) = await TakeAnyAsync(context);
        using (taken)
        using (instance.Disturb(Afterwards))
        {
            using var waiting = new WaitingRequests(context.World, instance.Number, context.Random);
            await instance.FreezeAsync();
            try
            {
                await waiting.SendForAsync(context.Duration, context.Cancelled);
            }
            finally
            {
                await instance.ThawAsync();
            }

            waiting.SendMore();
            var answered = await Task.Run(waiting.Receive, context.Cancelled);
            return FormattableString.Invariant($"instance {instance.Number}; {answered} of {waiting.Sent} waiting requests answered");
        }
    }

    /// <summary>SIGKILL; after a while it is started again.</summary>
    public static async Task<string> KillAsync(FaultContext context)
    {
        var (instance, taken) = await TakeAnyAsync(context);
        using (taken)
        using (instance.Disturb(Afterwards))
        {
            await instance.KillAsync();
            await context.LastAsync();
            await context.World.RestartAsync(instance.Number, context.Cancelled);
            return $"instance {instance.Number}";
        }
    }

    /// <summary>SIGTERM; it must end by itself, and is started again.</summary>
    public static async Task<string> RestartAsync(FaultContext context)
    {
        var (instance, taken) = await TakeAnyAsync(context);
        using (taken)
        using (instance.Disturb(Afterwards))
        {
            if (!await instance.StopAsync(LongestStop))
                context.World.Report(new Violation("stop", $"Instance {instance.Number} did not end within {LongestStop.TotalSeconds} s of SIGTERM."));
            await context.LastAsync();
            await context.World.RestartAsync(instance.Number, context.Cancelled);
            return $"instance {instance.Number}";
        }
    }

    /// <summary>The wall clock of one process is set, and set right again.</summary>
    public static async Task<string> MoveClockAsync(FaultContext context, int seconds)
    {
        if (!ServiceSettings.CanMoveClocks)
            return "not run: libfaketime is not on this machine";

        var instance = context.World.Instances[ServiceSettings.InstanceWithClock(context.World.Plan)];
        var file = ServiceSettings.ClockFileOf(context.World.Programs, instance.Number);
        using (await context.Instances.TakeAsync(instance.Number, context.Cancelled))
        using (instance.Disturb(Afterwards))
        {
            await File.WriteAllTextAsync(file, seconds.ToString("+0;-0", CultureInfo.InvariantCulture), context.Cancelled);
            try
            {
                // The library looks into the file once a second.
                await context.LastAsync(context.Duration + TimeSpan.FromSeconds(1.5));
            }
            finally
            {
                await File.WriteAllTextAsync(file, "+0", CancellationToken.None);
            }

            await context.LastAsync(TimeSpan.FromSeconds(1.5));
            return FormattableString.Invariant($"instance {instance.Number}, by {seconds} s");
        }
    }

    private static async Task<(ServiceInstance Instance, IDisposable Taken)> TakeAnyAsync(FaultContext context)
    {
        var number = context.Random.Next(context.World.Instances.Length);
        var taken = await context.Instances.TakeAsync(number, context.Cancelled);
        return (context.World.Instances[number], taken);
    }
}
