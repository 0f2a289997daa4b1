using System.Globalization;
using Lookup.Support;

namespace Lookup.Benchmarks.WarmStart;

/// <summary>An SVG plot of the reads since the start, and of the share of the lookups that needed no read.</summary>
internal static class Plot
{
    private const int PanelWidth = 420;
    private const int PanelHeight = 330;
    private const int Margin = 50;
    private const int LegendWidth = 200;
    private const int Lines = 5;

    private static readonly string[] Colors = ["#b3541e", "#1b6ca8", "#2a9d5c"];

    public static string ToSvg(IReadOnlyList<StartResult> results)
    {
        var svg = new SvgDrawing((2 * PanelWidth) + LegendWidth, PanelHeight + 10);
        var seconds = results.Max(result => result.Samples[^1].At.TotalSeconds);
        var reads = Math.Ceiling(results.Max(result => result.Samples[^1].Reads) / 500.0) * 500;
        DrawPanel(
            svg, results, 0, "Reads of the store since the start", seconds, reads, "0",
            result => result.Samples.Select(sample => (sample.At.TotalSeconds, (double)sample.Reads)));
        DrawPanel(
            svg, results, PanelWidth, "Lookups without a read (mean of 3 s)", seconds, 1, "0 %",
            result => result.Samples.Skip(1).Select(sample => (sample.At.TotalSeconds, result.HitShare(Math.Max(0, sample.At.TotalSeconds - 3), sample.At.TotalSeconds))));
        for (var i = 0; i < results.Count; i++)
            svg.Legend(2 * PanelWidth, Margin + 16 + (i * 22), Colors[i], results[i].Variant.Name);
        return svg.ToSvg();
    }

    private static void DrawPanel(
        SvgDrawing svg,
        IReadOnlyList<StartResult> results,
        int left,
        string title,
        double seconds,
        double most,
        string format,
        Func<StartResult, IEnumerable<(double Seconds, double Value)>> series)
    {
        double X(double at) => left + Margin + (at / seconds * (PanelWidth - Margin - 20));
        double Y(double value) => PanelHeight - Margin - (value / most * (PanelHeight - (2 * Margin)));

        svg.Title(left + Margin, 30, 15, title);
        for (var line = 0; line <= Lines; line++)
        {
            var value = most * line / Lines;
            svg.GridLine(X(0), Y(value), X(seconds), Y(value));
            svg.TextBefore(left + Margin - 6, Y(value) + 4, value.ToString(format, CultureInfo.InvariantCulture));
        }

        for (var at = 0; at <= seconds; at += 10)
            svg.TextAround(X(at), PanelHeight - Margin + 20, at.ToString(CultureInfo.InvariantCulture));
        svg.TextAround(left + (PanelWidth / 2), PanelHeight - 8, "seconds since the start");
        for (var i = 0; i < results.Count; i++)
            svg.Series(series(results[i]).Select(point => (X(point.Seconds), Y(point.Value))), Colors[i]);
    }
}
