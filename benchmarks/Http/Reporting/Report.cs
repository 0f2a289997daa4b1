using System.Globalization;
using System.Text;
using Lookup.Benchmarks.Http.Load;

namespace Lookup.Benchmarks.Http.Reporting;

/// <summary>A report of all measurements, as one page of Markdown.</summary>
internal sealed class Report(string machine, BenchmarkOptions options)
{
    private readonly List<string> _settings = [];
    private readonly List<Outcome> _outcomes = [];
    private readonly List<RatioTarget> _aims = [];
    private readonly List<string> _sentences = [];

    public void Setting(string text) => _settings.Add(text);

    public void Add(Outcome outcome)
    {
        _outcomes.Add(outcome);
        _aims.AddRange(RatioTarget.Of(outcome));
    }

    public void Add(RatioTarget aim) => _aims.Add(aim);

    public void Say(string sentence) => _sentences.Add(sentence);

    public string ToMarkdown()
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"{machine}. {string.Join(". ", _settings)}.\n");
        if (_outcomes.Count > 0)
        {
            var bounds = options.Rounds < 6 ? "the minimum and maximum of the rounds" : "the 95 % confidence interval of the median";
            page.Append(CultureInfo.InvariantCulture, $"\n{options.Rounds} rounds of {options.Turn.TotalSeconds:0.#} s a turn; medians, and for ratios also {bounds}.\n");
            page.Append("\n| scenario | contender | responses/s | p50 | p99 | CPU per response | ratio of users/s | of CPU per user | of p50 |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n");
            _outcomes.ForEach(outcome => Write(page, outcome));
        }

        if (_sentences.Count > 0)
            page.Append('\n').AppendJoin('\n', _sentences.Select(sentence => $"- {sentence}")).Append('\n');

        if (options.IsSmoke)
            return page.Append("\nTurns this short verify that the benchmark works; the measurements are not meaningful.\n").ToString();

        page.Append("\n| aim | | measured | |\n|---|--:|--:|---|\n");
        foreach (var aim in _aims)
            page.Append(CultureInfo.InvariantCulture, $"| {aim.What} | {aim.Bound} | {aim.Measured} | {aim.Verdict} |\n");
        return page.ToString();
    }

    private static void Write(StringBuilder page, Outcome outcome)
    {
        var measure = outcome.Scenario.Contenders[0].Name;
        foreach (var name in outcome.Results.Keys)
        {
            var what = name == measure ? outcome.Scenario.ToString() : "";
            string[] ratios = name == measure
                ? ["1", "1", "1"]
                : [$"{outcome.Ratio(name, measure)}", $"{outcome.CpuRatio(name, measure)}", $"{outcome.LatencyRatio(name, measure)}"];
            page.Append(CultureInfo.InvariantCulture, $"| {what} | {name} | {Median(result => result.PerSecond):N0} ");
            page.Append(CultureInfo.InvariantCulture, $"| {Time(result => result.P50)} | {Time(result => result.P99)} | {Median(result => result.CpuMicroseconds):0.0} µs | {string.Join(" | ", ratios)} |\n");

            double Median(Func<WrkResult, double> figure) => outcome.Of(name, figure).Median;
            string Time(Func<WrkResult, TimeSpan> figure) => FormattableString.Invariant($"{Median(result => figure(result).TotalMilliseconds):0.000} ms");
        }
    }
}
