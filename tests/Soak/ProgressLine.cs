using Lookup.Soak.Checking;
using Lookup.Soak.Fleet;

namespace Lookup.Soak;

/// <summary>A progress line: rewritten in place on a terminal; elsewhere, a new line every ten seconds.</summary>
internal sealed class ProgressLine(TextWriter output)
{
    private const int MostTold = 20;

    private readonly long _began = SoakClock.Now;
    private readonly bool _isTerminal = !Console.IsOutputRedirected;
    private readonly HashSet<Violation> _told = [];
    private long _lastTotal;
    private long _lastAt;

    private TimeSpan Pause => _isTerminal ? TimeSpan.FromSeconds(0.5) : TimeSpan.FromSeconds(10);

    public async Task RunAsync(World world, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Pause, TimeProvider.System, stopping);
                Write(world);
            }
        }
        catch (OperationCanceledException)
        {
            if (_isTerminal)
                await output.WriteLineAsync();
        }
    }

    private void Write(World world)
    {
        var (now, total) = (SoakClock.Now, world.Responses);
        var rate = (total - _lastTotal) / Math.Max(0.001, (now - _lastAt) / (double)TimeSpan.TicksPerSecond);
        (_lastTotal, _lastAt) = (total, now);
        var failed = Outcomes.All.Where(outcome => !outcome.IsSuccess()).Sum(world.Tally.Of);
        var line = FormattableString.Invariant(
            $"{TimeSpan.FromTicks(now - _began):mm\\:ss}  {total,10:N0} responses  {rate,7:N0}/s  {failed:N0} failed  {world.Writers.Written:N0} writes  oldest {world.Checker.GreatestStaleness.TotalSeconds:0.000} s  {world.ViolationCount} violations  {world.FaultNow}");
        if (_isTerminal)
            output.Write($"\r{line,-150}");
        else
            output.WriteLine(line);

        // Printed immediately, and not only in the report, because a run can be long.
        foreach (var violation in world.Violations.Where(violation => _told.Count < MostTold && _told.Add(violation)))
            output.WriteLine($"{violation.Promise}: {violation.Text}");
    }
}
