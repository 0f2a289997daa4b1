using System.Globalization;
using System.Text;

namespace Lookup.Benchmarks.Load;

/// <summary>Writes the results as Markdown.</summary>
internal static class Report
{
    private const string Head =
        "| rate/s | | responses in time/s | 503 | abandoned | p50 ms | p99 ms | p99.9 ms | hits' p99 ms | 503s' p99 ms | service cores | MiB |\n|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|";

    public static string Of(ScenarioResult result)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"### {result.Scenario.Name}: {result.Scenario.Description}").AppendLine();
        text.AppendLine(Head);
        foreach (var step in result.Steps)
            text.AppendLine(Row(step));
        var recovery = result.Recovery is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds} s") : "none within the step";
        text.AppendLine().AppendLine(
            CultureInfo.InvariantCulture, $"The knee: {result.Knee:N0} requests/s. Recovery after the load dropped to half of it: {recovery}.");
        return text.ToString();
    }

    public static string Row(Step step) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {step.Rate:N0} | {step.Name} | {step.Goodput:N0} | {step.Share(Outcome.Shed):P1} | {step.Share(Outcome.GivenUp) + step.Share(Outcome.Failed):P1} | {step.Percentile(0.5):0.00} | {step.Percentile(0.99):0.0} | {step.Percentile(0.999):0.0} | {step.Percentile(RequestKind.Hit, 0.99):0.0} | {step.ShedPercentile(0.99):0.0} | {step.Cores:0.0} | {step.Memory:0} |");
}
