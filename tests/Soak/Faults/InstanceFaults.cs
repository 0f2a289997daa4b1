using System.Globalization;
using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;

namespace Lookup.Soak.Faults;

/// <summary>Faults of the process of an instance.</summary>
internal static class InstanceFaults
{
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(45);

    /// <summary>
    /// Sends SIGSTOP and SIGCONT. Requests that wait in its sockets in the meantime are served afterwards, but not with users that were
    /// fresh only before.
    /// </summary>
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
            var received = await Task.Run(waiting.Receive, context.Cancelled);
            return FormattableString.Invariant($"instance {instance.Number}; {received} of {waiting.Sent} waiting requests received a response");
        }
    }

    /// <summary>Sends SIGKILL, and restarts the process after a while.</summary>
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

    /// <summary>Sends SIGTERM, waits for the process to end by itself, and restarts it.</summary>
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

    /// <summary>Moves the wall clock of one process, and corrects it again.</summary>
    public static async Task<string> MoveClockAsync(FaultContext context, int seconds)
    {
        if (!ServiceSettings.CanMoveClocks)
            return "not run: libfaketime is not installed on this machine";

        var instance = context.World.Instances[ServiceSettings.InstanceWithClock(context.World.Plan)];
        var file = ServiceSettings.ClockFileOf(context.World.Programs, instance.Number);
        using (await context.Instances.TakeAsync(instance.Number, context.Cancelled))
        using (instance.Disturb(Afterwards))
        {
            await File.WriteAllTextAsync(file, seconds.ToString("+0;-0", CultureInfo.InvariantCulture), context.Cancelled);
            try
            {
                // The library reads the file once a second.
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
