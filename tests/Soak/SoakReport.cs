using System.Globalization;
using System.Text;
using Lookup.Soak.Checking;

namespace Lookup.Soak;

/// <summary>Writes the results of a run as Markdown.</summary>
internal static class SoakReport
{
    private const int DetailedViolations = 20;

    public static string Write(SoakOptions options, SoakResult result)
    {
        var text = new StringBuilder();
        Line(text, $"{result.Took.TotalSeconds:0} s, seed {options.Seed}, {options.Instances} instances, {result.Responses:N0} responses ({result.Responses / result.Took.TotalSeconds:N0}/s), {result.Checked:N0} users checked in them, {result.Written:N0} writes.");
        Line(text, $"Violations: {result.ViolationCount}. Greatest staleness of a fresh response: {result.GreatestStaleness.TotalSeconds:0.000} s; the bound is {result.MaxStaleness.TotalSeconds:0.###} s, and the replica lag on top of it.");
        Line(text, $"");
        WriteOutcomes(text, result);
        WriteFaults(text, result);
        WriteMemory(text, result);
        if (result.ViolationCount > 0)
            WriteViolations(text, result);
        return text.ToString();
    }

    private static void WriteOutcomes(StringBuilder text, SoakResult result)
    {
        Line(text, $"| outcome | responses |");
        Line(text, $"|---|---:|");
        foreach (var outcome in Outcomes.All.Where(outcome => result.Tally.Of(outcome) > 0))
            Line(text, $"| {Name(outcome)} | {result.Tally.Of(outcome):N0} |");
        Line(text, $"");
    }

    private static void WriteFaults(StringBuilder text, SoakResult result)
    {
        Line(text, $"| fault | times | seconds | answered | of them hits | failed: slow or shed | failed otherwise | connections lost | recovery, longest | |");
        Line(text, $"|---|---:|---:|---:|---:|---:|---:|---:|---:|---|");
        foreach (var group in result.Faults.GroupBy(fault => (fault.Name, fault.IsAlone)).OrderBy(group => !group.Key.IsAlone).ThenBy(group => group.Key.Name, StringComparer.Ordinal))
        {
            long Count(Func<Outcome, bool> wanted) => group.Sum(fault => result.Tally.Between(fault.From, fault.Until, wanted));
            var (all, answered) = (Count(_ => true), Count(outcome => outcome.IsSuccess()));
            var hits = Count(outcome => outcome is Outcome.Hit or Outcome.NotModified);
            var seconds = group.Sum(fault => fault.Until - fault.From) / (double)TimeSpan.TicksPerSecond;
            var recovery = group.Max(fault => fault.Recovery) is { } longest ? string.Create(CultureInfo.InvariantCulture, $"{longest.TotalSeconds:0.0} s") : "";
            var note = group.Key.IsAlone ? group.First().Note : "";
            Line(text, $"| {group.Key.Name}{(group.Key.IsAlone ? "" : ", with others")} | {group.Count()} | {seconds:0.0} | {Share(answered, all)} | {Share(hits, answered)} | {Share(Count(outcome => outcome.IsSlowness()), all)} | {Share(Count(outcome => outcome.IsStoreFailure() && !outcome.IsSlowness()), all)} | {Count(outcome => outcome == Outcome.ConnectionLost)} | {recovery} | {note} |");
        }

        Line(text, $"");
    }

    private static void WriteMemory(StringBuilder text, SoakResult result)
    {
        Line(text, $"| instance | resident at the start | at the end |");
        Line(text, $"|---|---:|---:|");
        for (var i = 0; i < result.Memory.Count; i++)
            Line(text, $"| {i} | {result.Memory[i].Start >> 20} MiB | {result.Memory[i].End >> 20} MiB |");
        Line(text, $"");
    }

    private static void WriteViolations(StringBuilder text, SoakResult result)
    {
        Line(text, $"| violation of | times |");
        Line(text, $"|---|---:|");
        foreach (var kind in result.Violations.CountBy(violation => violation.Promise))
            Line(text, $"| {kind.Key} | {kind.Value}{(result.ViolationCount > result.Violations.Count ? " or more" : "")} |");
        Line(text, $"");
        foreach (var violation in result.Violations.Take(DetailedViolations))
            Line(text, $"- **{violation.Promise}** {violation.Text}");
    }

    private static string Name(Outcome outcome) => outcome switch
    {
        Outcome.Hit => "200, hit",
        Outcome.Read => "200, read",
        Outcome.Collapsed => "200, another's read",
        Outcome.NotModified => "304",
        Outcome.NoSuchUser => "404, no such user",
        Outcome.ServedStale => "stale, as the request allowed",
        Outcome.NotCached => "504, only-if-cached",
        Outcome.Administered => "200, evictions",
        Outcome.StoreTimedOut => "503, the store did not respond in time",
        Outcome.StoreThrottled => "503, the store throttles",
        Outcome.Overloaded => "503, too many reads in flight",
        Outcome.StoreBehind => "503, replicas behind",
        Outcome.StoreRefused => "503, the store denies access",
        Outcome.StoreUnreachable => "503, the store cannot be reached",
        Outcome.ConnectionLost => "connection lost",
        _ => "unexplained",
    };

    private static string Share(long part, long all) =>
        all == 0 ? "–" : (part / (double)all).ToString("0.00 %", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
