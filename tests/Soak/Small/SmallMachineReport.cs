using System.Globalization;
using System.Text;

namespace Lookup.Soak.Small;

/// <summary>Writes the results of a run on a small machine as Markdown.</summary>
internal static class SmallMachineReport
{
    public static string Write(SmallMachineResult result)
    {
        var text = new StringBuilder();
        Line(text, $"{result.Machine}; {result.Responses:N0} checked responses, {result.ViolationCount} violations. Hits and recoveries {(result.IsFast ? "took" : "**took longer than**")} at most {SmallMachineResult.MaxHitLatency.TotalMilliseconds} ms (p99) and {SmallMachineResult.MaxRecovery.TotalSeconds} s.");
        Line(text, $"");
        Line(text, $"| load | served per second | rejected | without response | changes/s | hits | p50 | p99 | maximum | other responses | p50 | p99 | failed | memory, MiB | handles | cores | cores of the endpoint | recovered after |");
        Line(text, $"|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var phase in result.Phases)
            Line(text, $"{Row(phase)}");
        foreach (var violation in result.Violations.Take(20))
            Line(text, $"- **{violation.Promise}** {violation.Text}");
        return text.ToString();
    }

    public static string Row(PhaseResult result)
    {
        var seconds = result.Took.TotalSeconds;
        var served = result.Phase.Pressures.Count == 0
            ? "–"
            : string.Join("; ", result.Phase.Pressures.Select(each => string.Create(CultureInfo.InvariantCulture, $"{each.Served / seconds:0.#} of {each.Attempts / seconds:0.#} {each.Unit}")));
        var (hits, others) = result.Hits;
        var failed = hits.Failed.Concat(others.Failed).Select(each => $"{each.Value} × {each.Key}").DefaultIfEmpty("0").Aggregate((one, other) => $"{one}; {other}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {result.Phase.Name} | {served} | {result.Phase.Pressures.Sum(each => each.Rejected):N0} | {result.Phase.Pressures.Sum(each => each.Lost):N0} | {result.Changes / seconds:0} | {hits.Count} | {Milliseconds(hits, 0.5)} | {Milliseconds(hits, 0.99)} | {Milliseconds(hits, 1)} | {others.Count} | {Milliseconds(others, 0.5)} | {Milliseconds(others, 0.99)} | {failed} | {result.ResidentBytes >> 20} | {result.Handles} | {result.Cores:0.00} | {result.EndpointCores:0.00} | {(result.Recovery is { } time ? time.TotalSeconds.ToString("0.0 s", CultureInfo.InvariantCulture) : "**never**")} |");

        static string Milliseconds(Latencies latencies, double share) => latencies.Count == 0 ? "–" : latencies.Percentile(share).TotalMilliseconds.ToString("0.0 ms", CultureInfo.InvariantCulture);
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
