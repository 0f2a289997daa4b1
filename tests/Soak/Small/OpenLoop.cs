using Lookup.Soak.Fleet;

namespace Lookup.Soak.Small;

/// <summary>Starts actions at a fixed rate, whether or not earlier ones have completed, as independent clients would.</summary>
internal static class OpenLoop
{
    /// <summary>The number of unfinished actions above which no further ones are started, so that this process keeps its own bounds.</summary>
    private const int MaxUnfinished = 4000;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    /// <summary>Starts actions until canceled, and then waits for those that have been started.</summary>
    public static async Task RunAsync(int perSecond, Func<long, Task> action, CancellationToken stopping)
    {
        var unfinished = 0;
        var started = 0L;
        var began = SoakClock.Now;
        while (!stopping.IsCancellationRequested)
        {
            var due = (SoakClock.Now - began) * perSecond / TimeSpan.TicksPerSecond;
            for (; started < due && Volatile.Read(ref unfinished) < MaxUnfinished; started++)
            {
                Interlocked.Increment(ref unfinished);
                _ = OneAsync(started);
            }

            started = Math.Max(started, due); // what could not be started is not made up for
            await Task.Delay(Step, TimeProvider.System, CancellationToken.None);
        }

        while (Volatile.Read(ref unfinished) > 0)
            await Task.Delay(Step, TimeProvider.System, CancellationToken.None);

        async Task OneAsync(long number)
        {
            await Task.Yield();
            await action(number);
            Interlocked.Decrement(ref unfinished);
        }
    }
}
